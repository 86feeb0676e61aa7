import { existsSync, readFileSync } from 'node:fs';
import type { Disk } from '../files/disk.js';
import { replaceFile } from '../files/replace_file.js';

/**
 * What a key has signed last, kept beside the key: whoever can write to the ledger's folder alone can not have an older or another
 * history signed. The file is the checkpoint's own line, so `ledger verify --witness` takes it too.
 */
export interface LastSigned {
  /** 0: this key has signed nothing yet. */
  readonly number: number;
  readonly size: number;
  readonly root: string;
}

const nothing = JSON.stringify({ number: 0, size: 0, root: '' } satisfies LastSigned);

/** @returns `null` where there is no such file. @throws when it can not be read or is none. */
export function readLastSigned(file: string): LastSigned | null {
  if (!existsSync(file)) return null;
  const { number, size, root } = JSON.parse(readFileSync(file, 'utf8')) as LastSigned;
  if (Number.isInteger(number) && Number.isInteger(size) && typeof root === 'string') return { number, size, root };
  throw new Error(`${file} does not say what was signed last`);
}

/** Durable before the checkpoint itself is: a cut between the two leaves records that are there already, and are signed again. */
export const keepLastSigned = (file: string, line: string, disk: Disk): Promise<void> =>
  replaceFile(file, `${line}\n`, disk);

export const keepNothingSigned = (file: string, disk: Disk): Promise<void> => keepLastSigned(file, nothing, disk);
