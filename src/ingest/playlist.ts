import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';

const videoName = /\.(mp4|m4v|mov|mkv|webm|avi|ts|mpe?g|mjpe?g|h26[45]|hevc)$/i;
const imageName = /\.(jpe?g|png|webp)$/i;

export const isVideoName = (file: string): boolean => videoName.test(file);
export const isImageName = (file: string): boolean => imageName.test(file);

/** The files a path means: itself, or a folder's videos in the order of their names. @returns one line when there is none. */
export function clipsOf(path: string): Result<string[], string> {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return videosIn(path);
    return found.size === 0 ? fail(`${path} is empty (0 bytes)`) : ok([path]);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail(code === 'ENOENT' ? `no such file: ${path}` : `${path} cannot be read (${code})`);
  }
}

function videosIn(folder: string): Result<string[], string> {
  const names = readdirSync(folder).filter(isVideoName).sort();
  if (names.length === 0) return fail(`no video file in ${folder}`);
  if (names.length > limits.ingest.clipsOfFolderMax)
    return fail(`more than ${limits.ingest.clipsOfFolderMax} videos in ${folder}`);
  return ok(names.map((name) => join(folder, name)));
}
