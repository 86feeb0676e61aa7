import { hash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFileSync } from '../files/whole_file.js';

/**
 * Cuts a torn tail off a file after keeping a copy of it beside the ledger.
 * @returns what was cut, for the record that tells of the repair.
 */
export function repairTail(
  folder: string,
  tail: { file: string; keepBytes: number; rest: Buffer },
): { bytes: number; sha256: string } {
  const sha256 = hash('sha256', tail.rest, 'hex');
  replaceFileSync(join(folder, `torn-${sha256.slice(0, 16)}.bin`), tail.rest);
  const file = openSync(tail.file, 'r+');
  try {
    ftruncateSync(file, tail.keepBytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return { bytes: tail.rest.length, sha256 };
}
