import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

type Bytes = string | Uint8Array;

/** A file that is whole and durable under its name, or not there at all. @throws what the disk says; also when the name is taken */
export function writeNewFile(path: string, bytes: Bytes, mode = 0o600): void {
  writeWhole(path, 'wx', [bytes], mode);
  syncFolderSync(dirname(path));
}

/** `replaceFile` for callers that can not wait: they hold what must not change meanwhile. */
export function replaceFileSync(path: string, ...chunks: readonly Bytes[]): void {
  const part = `${path}.part`;
  writeWhole(part, 'w', chunks, 0o600);
  try {
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  syncFolderSync(dirname(path));
}

/** Makes the names in a folder as durable as the files they stand for. */
export function syncFolderSync(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeWhole(path: string, flags: 'w' | 'wx', chunks: readonly Bytes[], mode: number): void {
  const file = openSync(path, flags, mode);
  try {
    for (const chunk of chunks) writeAll(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
    fdatasyncSync(file);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** A full disk takes a part and says nothing. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
