import { createPublicKey, hash, type KeyObject, verify as verifySignature } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Checks a ledger offline, without the program that wrote it: this file shares no module with the writer, so one mistake can not
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

export interface Bad {
  /** Sequence number of the first record that is wrong. */
  readonly sequence: number;
  readonly problem: 'altered' | 'removed' | 'inserted' | 'swapped' | 'forged' | 'cut_off' | 'checkpoint';
  readonly sentence: string;
}

export interface VerifyOptions {
  /** PEM of the public key; by default the `ledger.pub` of the folder. */
  readonly publicPem?: string;
  /** A checkpoint line kept elsewhere: proves that nothing up to it was rolled back or forked. */
  readonly witness?: string;
}

interface Signed {
  readonly number: number;
  readonly size: number;
  readonly root: string;
  readonly leaves: string;
}

const prefixChars = 12;
const hashTail = 75;
const readBytes = 4 << 20;
/** Signatures of so many of the newest checkpoints are checked; older ones are bound to them by their chain of digests. */
const signaturesChecked = 1000;

class Wrong extends Error {
  readonly bad: Bad;
  constructor(sequence: number, problem: Bad['problem'], sentence: string) {
    super(sentence);
    this.bad = { sequence, problem, sentence };
  }
}

/** @returns the verdict; throws only when the folder or the key can not be read. */
export function verifyLedger(folder: string, options: VerifyOptions = {}): Verdict {
  const pem = options.publicPem ?? readFileSync(join(folder, 'ledger.pub'), 'utf8');
  const key = createPublicKey(pem);
  const state: Walk = { size: 0, headHash: '0'.repeat(64), tree: [], checkpoints: [], covered: 0, expected: [] };
  let firstBad: Bad | null = null;
  try {
    state.checkpoints = readSigned(folder, key);
    state.expected = state.checkpoints.map((checkpoint) => checkpoint.leaves);
    const witness = options.witness === undefined ? null : readWitness(options.witness, key);
    walk(folder, state, witness);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    firstBad = error.bad;
  }
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    ok: firstBad === null,
    records: state.size,
    checkpoints: state.checkpoints.length,
    unsignedRecords: state.size - Math.min(state.size, state.checkpoints.at(-1)?.size ?? 0),
    headHash: state.headHash,
    key: hash('sha256', der, 'hex'),
    firstBad,
  };
}

interface Walk {
  size: number;
  headHash: string;
  /** Roots of the perfect subtrees, by height, highest first. */
  tree: { height: number; root: Buffer }[];
  checkpoints: Signed[];
  /** Checkpoints whose last record has been passed. */
  covered: number;
  expected: string[];
}

function readSigned(folder: string, key: KeyObject): Signed[] {
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

function readWitness(line: string, key: KeyObject): Signed {
  const checkpoint = parseSigned(line.trim(), key);
  if (typeof checkpoint === 'string') throw new Wrong(1, 'checkpoint', `the witness ${checkpoint}`);
  return checkpoint;
}

function walk(folder: string, state: Walk, witness: Signed | null): void {
  const names = readdirSync(folder)
    .filter((name) => /^segment-\d{12}\.jsonl$/.test(name))
    .sort();
  for (const [index, name] of names.entries()) {
    const first = Number(name.slice(8, 20));
    if (first > state.size + 1) throw removed(state.size + 1, `${name} starts at ${first}`);
    if (first <= state.size) throw new Wrong(first, 'inserted', `record ${first} appears again in ${name}`);
    walkSegment(join(folder, name), state, index === names.length - 1, witness);
  }
  const last = state.checkpoints.at(-1);
  if (last !== undefined && last.size > state.size) {
    throw removed(
      state.size + 1,
      `the ledger ends after ${state.size}, but checkpoint ${last.number} covers ${last.size}`,
    );
  }
  if (witness !== null && witness.size > state.size) {
    throw removed(state.size + 1, `the ledger ends after ${state.size}, but the witness saw ${witness.size}`);
  }
}

function removed(sequence: number, how: string): Wrong {
  return new Wrong(sequence, 'removed', `record ${sequence} is missing: ${how}`);
}

function walkSegment(file: string, state: Walk, isLast: boolean, witness: Signed | null): void {
  const lines = new Lines(file);
  try {
    for (let line = lines.next(); line !== null; line = lines.next()) {
      take(state, line, lines);
      if (state.size === state.checkpoints[state.covered]?.size) passCheckpoint(state);
      if (state.size === witness?.size && rootOf(state.tree) !== witness.root) {
        throw new Wrong(state.size, 'forged', `the first ${state.size} records are not those the witness saw`);
      }
    }
    if (lines.restBytes > 0) {
      const when = isLast
        ? 'a crash leaves such a tail; the next start repairs it'
        : 'only the last segment may end so';
      throw new Wrong(state.size + 1, 'cut_off', `record ${state.size + 1} is cut off (${when})`);
    }
  } finally {
    lines.close();
  }
}

const headPattern = /^\{"seq":([1-9]\d{0,14}),"prev_hash":"([0-9a-f]{64})","ts_utc":"/;
const tailPattern = /^,"hash":"([0-9a-f]{64})"\}$/;

/** The order of the checks decides which record is named: its own content, its place, what was signed, its link. */
function take(state: Walk, line: Buffer, lines: Lines): void {
  const expected = state.size + 1;
  const head = headPattern.exec(line.toString('latin1', 0, 120));
  const tail = tailPattern.exec(line.toString('latin1', Math.max(0, line.length - hashTail)));
  if (head === null || tail === null)
    throw new Wrong(expected, 'altered', `record ${expected} is not a record any more`);
  const own = tail[1] as string;
  const isWhole = hash('sha256', line.subarray(0, line.length - hashTail), 'hex') === own;
  const found = Number(head[1]);
  if (found !== expected) throw misplaced(expected, found, isWhole, lines);
  if (!isWhole)
    throw new Wrong(expected, 'altered', `record ${expected} was altered: its hash does not match its content`);
  const signedPrefix = prefixAt(state, expected);
  if (signedPrefix !== null && signedPrefix !== own.slice(0, prefixChars)) {
    throw new Wrong(expected, 'forged', `record ${expected} is not the one that was signed`);
  }
  if (head[2] !== state.headHash) {
    throw new Wrong(
      expected,
      'forged',
      `record ${expected} does not continue record ${expected - 1}: one of the two was replaced`,
    );
  }
  state.size = expected;
  state.headHash = own;
  appendLeaf(state.tree, own);
}

function misplaced(expected: number, found: number, isWhole: boolean, lines: Lines): Wrong {
  if (!isWhole)
    return new Wrong(expected, 'altered', `record ${expected} was altered: even its number is wrong (${found})`);
  if (found < expected) return new Wrong(found, 'inserted', `record ${found} appears again before record ${expected}`);
  const next = lines.next();
  const after = next === null ? null : headPattern.exec(next.toString('latin1', 0, 120));
  if (Number(after?.[1]) === expected)
    return new Wrong(expected, 'swapped', `records ${expected} and ${found} are swapped`);
  return removed(expected, `record ${found} comes next`);
}

function prefixAt(state: Walk, sequence: number): string | null {
  const checkpoint = state.checkpoints[state.covered];
  if (checkpoint === undefined) return null;
  const from = state.checkpoints[state.covered - 1]?.size ?? 0;
  const index = (sequence - from - 1) * prefixChars;
  return (state.expected[state.covered] as string).slice(index, index + prefixChars);
}

function passCheckpoint(state: Walk): void {
  const checkpoint = state.checkpoints[state.covered] as Signed;
  if (rootOf(state.tree) !== checkpoint.root) {
    const from = (state.checkpoints[state.covered - 1]?.size ?? 0) + 1;
    throw new Wrong(
      from,
      'forged',
      `records ${from} to ${checkpoint.size} are not those signed by checkpoint ${checkpoint.number}`,
    );
  }
  state.covered += 1;
}

/** RFC 9162 2.1.1, with one buffer for all nodes. */
const node = Buffer.alloc(65, 1);
const leaf = Buffer.alloc(33);

function appendLeaf(tree: Walk['tree'], own: string): void {
  leaf.write(own, 1, 'hex');
  let height = 0;
  let root: Buffer = hash('sha256', leaf, 'buffer');
  for (let last = tree.at(-1); last !== undefined && last.height === height; last = tree.at(-1)) {
    tree.pop();
    root = join2(last.root, root);
    height += 1;
  }
  tree.push({ height, root });
}

function join2(left: Buffer, right: Buffer): Buffer {
  left.copy(node, 1);
  right.copy(node, 33);
  return hash('sha256', node, 'buffer');
}

function rootOf(tree: Walk['tree']): string {
  const roots = tree.map((subtree) => subtree.root);
  const root = roots.reduceRight((right, left) => join2(left, right));
  return root.toString('hex');
}

/** Lines of a file, without line feed; each is valid until the one after the next is asked for. */
class Lines {
  readonly #file: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #position = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  get restBytes(): number {
    return this.#bytes.length - this.#start;
  }

  next(): Buffer | null {
    for (;;) {
      const end = this.#bytes.indexOf(10, this.#start);
      if (end >= 0) {
        const line = this.#bytes.subarray(this.#start, end);
        this.#start = end + 1;
        return line;
      }
      if (!this.#fill()) return null;
    }
  }

  #fill(): boolean {
    const chunk = Buffer.allocUnsafe(readBytes);
    const count = readSync(this.#file, chunk, 0, readBytes, this.#position);
    this.#position += count;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#start), chunk.subarray(0, count)]);
    this.#start = 0;
    return count > 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}
