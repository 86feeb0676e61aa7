import { hash } from 'node:crypto';
import { prefixChars, type Signed } from './signed.js';
import { appendLeaf, rootOf, type Tree } from './tree.js';
import { runOf, type UnsignedRun } from './unsigned.js';
import { removed, Wrong } from './wrong.js';

/** How far a check has come: what the records so far say the next one must be. */
export interface Walk {
  size: number;
  headHash: string;
  readonly tree: Tree;
  readonly checkpoints: readonly Signed[];
  /** Checkpoints whose last record has been passed. */
  covered: number;
  readonly witness: Signed | null;
  /** Of the records after the last checkpoint. */
  unsigned: UnsignedRun | null;
}

export function startWalk(checkpoints: readonly Signed[], witness: Signed | null): Walk {
  return { size: 0, headHash: '0'.repeat(64), tree: [], checkpoints, covered: 0, witness, unsigned: null };
}

/** The same place again, for going on from it more than once. */
export function copyOf(walk: Walk): Walk {
  return { ...walk, tree: [...walk.tree] };
}

/** Past one more record; `next` gives the line after it, where that decides what is wrong. */
export function step(walk: Walk, line: Buffer, next: () => Buffer | null): void {
  take(walk, line, next);
  if (walk.covered === walk.checkpoints.length) walk.unsigned = runOf(line, walk.size, walk.unsigned);
  if (walk.size === walk.checkpoints[walk.covered]?.size) passCheckpoint(walk);
  if (walk.size === walk.witness?.size && rootOf(walk.tree) !== walk.witness.root) {
    throw new Wrong(walk.size, 'forged', `the first ${walk.size} records are not those the witness saw`);
  }
}

/** After the last record: nothing that was signed or seen may be missing. */
export function finish({ size, checkpoints, witness }: Walk): void {
  const last = checkpoints.at(-1);
  if (last !== undefined && last.size > size) {
    throw removed(size + 1, `the ledger ends after ${size}, but checkpoint ${last.number} covers ${last.size}`);
  }
  if (witness !== null && witness.size > size) {
    throw removed(size + 1, `the ledger ends after ${size}, but the witness saw ${witness.size}`);
  }
}

const hashTail = 75;
const headPattern = /^\{"seq":([1-9]\d{0,14}),"prev_hash":"([0-9a-f]{64})","ts_utc":"/;
const tailPattern = /^,"hash":"([0-9a-f]{64})"\}$/;

/** The order of the checks decides which record is named: its own content, its place, what was signed, its link. */
function take(walk: Walk, line: Buffer, next: () => Buffer | null): void {
  const expected = walk.size + 1;
  const head = headPattern.exec(line.toString('latin1', 0, 120));
  const tail = tailPattern.exec(line.toString('latin1', Math.max(0, line.length - hashTail)));
  if (head === null || tail === null)
    throw new Wrong(expected, 'altered', `record ${expected} is not a record any more`);
  const own = tail[1] as string;
  const isWhole = hash('sha256', line.subarray(0, line.length - hashTail), 'hex') === own;
  const found = Number(head[1]);
  if (found !== expected) throw misplaced(expected, found, isWhole, next);
  if (!isWhole)
    throw new Wrong(expected, 'altered', `record ${expected} was altered: its hash does not match its content`);
  const signedPrefix = prefixAt(walk, expected);
  if (signedPrefix !== null && signedPrefix !== own.slice(0, prefixChars)) {
    throw new Wrong(expected, 'forged', `record ${expected} is not the one that was signed`);
  }
  if (head[2] !== walk.headHash) {
    throw new Wrong(
      expected,
      'forged',
      `record ${expected} does not continue record ${expected - 1}: one of the two was replaced`,
    );
  }
  walk.size = expected;
  walk.headHash = own;
  appendLeaf(walk.tree, own);
}

function misplaced(expected: number, found: number, isWhole: boolean, next: () => Buffer | null): Wrong {
  if (!isWhole)
    return new Wrong(expected, 'altered', `record ${expected} was altered: even its number is wrong (${found})`);
  if (found < expected) return new Wrong(found, 'inserted', `record ${found} appears again before record ${expected}`);
  const line = next();
  const after = line === null ? null : headPattern.exec(line.toString('latin1', 0, 120));
  if (Number(after?.[1]) === expected)
    return new Wrong(expected, 'swapped', `records ${expected} and ${found} are swapped`);
  return removed(expected, `record ${found} comes next`);
}

function prefixAt(walk: Walk, sequence: number): string | null {
  const checkpoint = walk.checkpoints[walk.covered];
  if (checkpoint === undefined) return null;
  const from = walk.checkpoints[walk.covered - 1]?.size ?? 0;
  const index = (sequence - from - 1) * prefixChars;
  return checkpoint.leaves.slice(index, index + prefixChars);
}

function passCheckpoint(walk: Walk): void {
  const checkpoint = walk.checkpoints[walk.covered] as Signed;
  if (rootOf(walk.tree) !== checkpoint.root) {
    const from = (walk.checkpoints[walk.covered - 1]?.size ?? 0) + 1;
    throw new Wrong(
      from,
      'forged',
      `records ${from} to ${checkpoint.size} are not those signed by checkpoint ${checkpoint.number}`,
    );
  }
  walk.covered += 1;
}
