import { createPublicKey, hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Lines } from './lines.js';
import { readSigned, readWitness } from './signed.js';
import { checkSigned } from './unsigned.js';
import { finish, startWalk, step, type Walk } from './walk.js';
import { type Bad, removed, Wrong } from './wrong.js';

/**
 * Checks a ledger offline, without the program that wrote it: this folder shares no module with the writer, so one mistake can not
 * hide in both. It needs the folder and, better, the public key and a checkpoint kept elsewhere (a witness).
 */
export interface Verdict {
  readonly ok: boolean;
  readonly records: number;
  readonly checkpoints: number;
  /** Records after the last signed checkpoint: chained, but not signed yet. */
  readonly unsignedRecords: number;
  readonly headHash: string;
  /** SHA-256 hex of the public key that the signatures were checked with. */
  readonly key: string;
  readonly firstBad: Bad | null;
}

export interface VerifyOptions {
  /** PEM of the public key; by default the `ledger.pub` of the folder. */
  readonly publicPem?: string;
  /** A checkpoint line kept elsewhere: proves that nothing up to it was rolled back or forked. */
  readonly witness?: string;
}

/** @returns the verdict; throws only when the folder or the key can not be read. */
export function verifyLedger(folder: string, options: VerifyOptions = {}): Verdict {
  const pem = options.publicPem ?? readFileSync(join(folder, 'ledger.pub'), 'utf8');
  const key = createPublicKey(pem);
  let walk = startWalk([], null);
  let firstBad: Bad | null = null;
  try {
    const checkpoints = readSigned(folder, key);
    walk = startWalk(checkpoints, options.witness === undefined ? null : readWitness(options.witness, key));
    walkFolder(folder, walk);
    finish(walk);
    checkSigned(walk, options.publicPem !== undefined || options.witness !== undefined);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    firstBad = error.bad;
  }
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    ok: firstBad === null,
    records: walk.size,
    checkpoints: walk.checkpoints.length,
    unsignedRecords: walk.size - Math.min(walk.size, walk.checkpoints.at(-1)?.size ?? 0),
    headHash: walk.headHash,
    key: hash('sha256', der, 'hex'),
    firstBad,
  };
}

function walkFolder(folder: string, walk: Walk): void {
  const names = readdirSync(folder)
    .filter((name) => /^segment-\d{12}\.jsonl$/.test(name))
    .sort();
  for (const [index, name] of names.entries()) {
    const first = Number(name.slice(8, 20));
    if (first > walk.size + 1) throw removed(walk.size + 1, `${name} starts at ${first}`);
    if (first <= walk.size) throw new Wrong(first, 'inserted', `record ${first} appears again in ${name}`);
    walkSegment(join(folder, name), walk, index === names.length - 1);
  }
}

function walkSegment(file: string, walk: Walk, isLast: boolean): void {
  const lines = new Lines(file);
  try {
    for (let line = lines.next(); line !== null; line = lines.next()) step(walk, line, () => lines.next());
    if (lines.restBytes > 0) {
      const when = isLast
        ? 'a crash leaves such a tail; the next start repairs it'
        : 'only the last segment may end so';
      throw new Wrong(walk.size + 1, 'cut_off', `record ${walk.size + 1} is cut off (${when})`);
    }
  } finally {
    lines.close();
  }
}
