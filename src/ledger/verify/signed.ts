import { hash, type KeyObject, verify as verifySignature } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Wrong } from './wrong.js';

/** A checkpoint whose own line has been checked. */
export interface Signed {
  readonly number: number;
  readonly size: number;
  readonly root: string;
  readonly leaves: string;
}

export const prefixChars = 12;
/** Signatures of so many of the newest checkpoints are checked; older ones are bound to them by their chain of digests. */
const signaturesChecked = 1000;

/** Every checkpoint of a folder, each continuing the one before, the newest with their signatures. */
export function readSigned(folder: string, key: KeyObject): Signed[] {
  const file = join(folder, 'checkpoints.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  const torn = lines.pop();
  if (torn) lines.push(torn);
  const signed: Signed[] = [];
  let digest = '0'.repeat(64);
  for (const [index, line] of lines.entries()) {
    const after = signed.at(-1)?.size ?? 0;
    const wrong = (why: string) =>
      new Wrong(after + 1, 'checkpoint', `checkpoint ${index + 1} (of the records from ${after + 1}) ${why}`);
    const checkpoint = parseSigned(line, index >= lines.length - signaturesChecked ? key : null);
    if (typeof checkpoint === 'string') throw wrong(checkpoint);
    if (checkpoint.prev !== digest) throw wrong('does not continue the one before it');
    if (checkpoint.number !== index + 1 || checkpoint.size <= after) throw wrong('is out of order');
    if (checkpoint.leaves.length !== (checkpoint.size - after) * prefixChars)
      throw wrong('lists the wrong number of records');
    digest = hash('sha256', line, 'hex');
    signed.push(checkpoint);
  }
  return signed;
}

function parseSigned(line: string, key: KeyObject | null): (Signed & { prev: string }) | string {
  const found = /^(\{"number":.*),"signature":"([A-Za-z0-9+/]{86}==)"\}$/.exec(line);
  if (found === null) return 'is not a checkpoint';
  const [, text, signature] = found as unknown as [string, string, string];
  const trailing = Buffer.from(signature, 'base64').toString('base64') === signature;
  if (!trailing) return 'has a malformed signature';
  if (key !== null && !verifySignature(null, Buffer.from(text), key, Buffer.from(signature, 'base64'))) {
    return 'has a false signature';
  }
  try {
    return JSON.parse(line) as Signed & { prev: string };
  } catch {
    return 'is not JSON';
  }
}

export function readWitness(line: string, key: KeyObject): Signed {
  const checkpoint = parseSigned(line.trim(), key);
  if (typeof checkpoint === 'string') throw new Wrong(1, 'checkpoint', `the witness ${checkpoint}`);
  return checkpoint;
}
