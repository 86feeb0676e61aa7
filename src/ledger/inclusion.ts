import { createHash, hash } from 'node:crypto';
import { readHead } from './line_head.js';
import { linesOf, segmentsOf } from './segments.js';

/** Proof that one record is among the first `size`: the record's own line and the RFC 9162 audit path to their tree head. */
export interface Inclusion {
  readonly seq: number;
  /** Byte for byte as in the ledger, without line feed. */
  readonly line: string;
  /** Hashes, hex, from the leaf's neighbour upwards. */
  readonly path: readonly string[];
}

/**
 * @param folder of the ledger
 * @param size of the checkpoint that the proofs lead to
 * @returns a proof for each of the sequence numbers, in order; reads the whole ledger up to `size` (32 bytes of memory a record)
 */
export function proveInclusion(folder: string, size: number, sequences: readonly number[]): Inclusion[] {
  const wanted = new Set(sequences);
  const lines = new Map<number, string>();
  const leaves: Buffer[] = [];
  for (const { file } of segmentsOf(folder)) {
    for (const { line } of linesOf(file)) {
      if (leaves.length >= size) break;
      const head = readHead(line);
      if (head === null) throw new Error(`record ${leaves.length + 1} cannot be read; run platestream ledger verify`);
      leaves.push(hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(head.hash, 'hex')]), 'buffer'));
      if (wanted.has(head.seq)) lines.set(head.seq, line.toString());
    }
  }
  const levels = levelsOf(leaves);
  return sequences.map((seq) => ({ seq, line: lines.get(seq) ?? '', path: pathOf(levels, seq - 1) }));
}

/** Pairing neighbours level by level, the odd one out rising as it is, gives the tree of RFC 9162. */
export function levelsOf(leaves: Buffer[]): Buffer[][] {
  const levels = [leaves];
  for (let level = leaves; level.length > 1; ) {
    const above: Buffer[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Buffer, level[i + 1]];
      above.push(right ? createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest() : left);
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

export function pathOf(levels: readonly Buffer[][], index: number): string[] {
  const path: string[] = [];
  for (const [height, level] of levels.slice(0, -1).entries()) {
    const neighbour = level[(index >> height) ^ 1];
    if (neighbour) path.push(neighbour.toString('hex'));
  }
  return path;
}
