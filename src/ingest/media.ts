import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { isStream } from './address.js';
import { isImageName, isVideoName } from './playlist.js';

/** Something named on a command line that can be read. */
export interface Media {
  readonly kind: 'still' | 'video' | 'stream';
  readonly path: string;
}

/**
 * What a name means: an address, a file, or every picture and video below a folder, in the order of their paths. A file whose name does
 * not say what it is counts as a picture.
 */
export function mediaOf(name: string): Result<Media[], string> {
  if (isStream(name)) return ok([{ kind: 'stream', path: name }]);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(name)) return fail('only rtsp(s):// and http(s):// addresses can be read');
  try {
    const found = statSync(name);
    if (found.isFile() && found.size === 0) return fail('is empty (0 bytes)');
    if (!found.isDirectory()) return ok([{ kind: isVideoName(name) ? 'video' : 'still', path: name }]);
    const below = mediaBelow(name);
    return below.length > 0 ? ok(below) : fail('no picture (JPEG, PNG, WebP) and no video in this folder');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(code === 'ENOENT' ? 'no such file or folder' : `cannot be read (${code})`);
  }
}

function mediaBelow(folder: string): Media[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => isImageName(file) || isVideoName(file))
    .sort()
    .map((file): Media => ({ kind: isVideoName(file) ? 'video' : 'still', path: join(folder, file) }))
    .filter(({ path }) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
