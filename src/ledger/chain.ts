import { hash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import { type Checkpoint, decodeCheckpoint, leafPrefixChars } from './checkpoint.js';
import type { LastSigned } from './last_signed.js';
import { digestOf, readHead } from './line_head.js';
import { leafHash, MerkleFrontier } from './merkle.js';
import { noHash } from './record.js';
import { linesOf, type Segment, segmentsOf } from './segments.js';

/** Where the next record goes: the end of a chain that has been checked from its first record. */
export interface ChainEnd {
  size: number;
  headHash: string;
  lastUtcMs: number;
  readonly tree: MerkleFrontier;
  /** Hash prefixes of the records that no checkpoint covers yet. */
  uncovered: string[];
  /** Intents without an outcome so far. */
  readonly openIntents: Set<number>;
}

/** What a crash left half-written after the last whole record. */
interface TornTail {
  readonly file: string;
  readonly keepBytes: number;
  readonly rest: Buffer;
}

export interface FoundChain {
  readonly end: ChainEnd;
  readonly lastSegment: (Segment & { bytes: number }) | null;
  readonly torn: TornTail | null;
}

function emptyChain(): ChainEnd {
  return { size: 0, headHash: noHash, lastUtcMs: 0, tree: new MerkleFrontier(), uncovered: [], openIntents: new Set() };
}

/** Moves the end past one more record. */
export function extend(
  end: ChainEnd,
  next: { hash: string; utcMs: number; action: string; seq: number; ref: number | null },
): void {
  end.size = next.seq;
  end.headHash = next.hash;
  end.lastUtcMs = next.utcMs;
  end.tree.append(leafHash(Buffer.from(next.hash, 'hex')));
  end.uncovered.push(next.hash.slice(0, leafPrefixChars));
  if (next.action === 'access.intent') end.openIntents.add(next.seq);
  else if (next.ref !== null) end.openIntents.delete(next.ref);
}

/** @returns what is wrong with the line as the next record, or `null` after extending the chain by it. */
function take(end: ChainEnd, line: Buffer): string | null {
  const head = readHead(line);
  if (head === null) return 'is not a record';
  if (head.seq !== end.size + 1) return `is followed out of order: found ${head.seq}`;
  if (digestOf(line) !== head.hash) return 'was altered: its hash does not match its content';
  if (head.prevHash !== end.headHash) return 'does not continue the record before it';
  extend(end, { ...head, utcMs: Date.parse(head.utc) });
  return null;
}

/**
 * A tail is torn, not tampered with, when it was never one whole write: it lacks its line feed, or holds NUL bytes (pages that
 * never reached the disk) within the size of one batch. Everything else is refused.
 */
function isTorn(rest: Buffer): boolean {
  return rest.length <= limits.ledger.batchBytesMax && (rest.indexOf(10) < 0 || rest.indexOf(0) >= 0);
}

function restOf(lines: ReturnType<typeof linesOf>, first: Buffer): Buffer {
  const parts = [Buffer.from(first), Buffer.of(10)];
  for (let step = lines.next(); ; step = lines.next()) {
    if (step.done) return Buffer.concat([...parts, step.value.rest]);
    parts.push(Buffer.from(step.value.line), Buffer.of(10));
  }
}

function readSegment(
  end: ChainEnd,
  segment: Segment,
  at: (size: number) => string | null,
): Result<TornTail | null, string> {
  if (segment.firstSeq !== end.size + 1) return fail(`record ${end.size + 1} is missing: ${segment.file} starts later`);
  const lines = linesOf(segment.file);
  for (let step = lines.next(); ; step = lines.next()) {
    if (step.done) {
      const { rest, offset } = step.value;
      return ok(rest.length === 0 ? null : { file: segment.file, keepBytes: offset, rest });
    }
    const { line, offset } = step.value;
    const problem = take(end, line);
    if (problem === null) {
      const differs = at(end.size);
      if (differs === null) continue;
      return fail(`record ${end.size} ${differs}`);
    }
    const seq = end.size + 1;
    const rest = restOf(lines, line);
    if (!isTorn(rest) || rest.indexOf(0) < 0) return fail(`record ${seq} ${problem} (${segment.file})`);
    return ok({ file: segment.file, keepBytes: offset, rest });
  }
}

/** Reads and checks the whole chain against itself, against the last checkpoint and against what the key signed last. */
export function readChain(
  folder: string,
  last: Checkpoint | null,
  kept: LastSigned | null,
): Result<FoundChain, string> {
  const end = emptyChain();
  const covers = (size: number) => {
    const root = size === last?.size || size === kept?.size ? end.tree.root() : null;
    if (size === last?.size) end.uncovered = [];
    if (size === last?.size && root !== last.root)
      return `or one before it differs from signed checkpoint ${last.number}`;
    if (size === kept?.size && root !== kept.root) return 'or one before it is not what this key signed last';
    return null;
  };
  const segments = segmentsOf(folder);
  let torn: TornTail | null = null;
  for (const [index, segment] of segments.entries()) {
    const found = readSegment(end, segment, covers);
    if (!found.ok) return found;
    if (found.value !== null && index < segments.length - 1)
      return fail(`record ${end.size + 1} is cut off (${segment.file})`);
    torn = found.value;
    if (torn !== null && !isTorn(torn.rest)) return fail(`record ${end.size + 1} is not a record (${segment.file})`);
  }
  if (last !== null && last.size > end.size) {
    return fail(`record ${end.size + 1} is missing: signed checkpoint ${last.number} covers ${last.size} records`);
  }
  if (kept !== null && kept.size > end.size)
    return fail(`record ${end.size + 1} is missing: this ledger's key has signed ${kept.size} records`);
  if (end.uncovered.length > limits.ledger.unsignedRecordsMax)
    return fail(`${end.uncovered.length} records are unsigned, and never so many are`);
  const segment = segments.at(-1) ?? null;
  return ok({
    end,
    torn,
    lastSegment: segment && { ...segment, bytes: torn?.keepBytes ?? statSync(segment.file).size },
  });
}

/** The checkpoint lines of a ledger folder; `rest` is a torn one. */
export function readCheckpoints(folder: string): {
  lines: string[];
  last: Checkpoint | null;
  keepBytes: number;
  rest: Buffer;
} {
  const file = join(folder, 'checkpoints.jsonl');
  const lines: string[] = [];
  if (!existsSync(file)) return { lines, last: null, keepBytes: 0, rest: Buffer.alloc(0) };
  const found = linesOf(file);
  for (let step = found.next(); ; step = found.next()) {
    if (!step.done) lines.push(step.value.line.toString());
    else {
      const text = lines.at(-1);
      const last = text === undefined ? null : tryDecode(text);
      return { lines, last, keepBytes: step.value.offset, rest: step.value.rest };
    }
  }
}

/** @returns what is wrong with the checkpoints as a chain, or `null`; only the last one's signature is left to be checked. */
export function checkpointProblem(lines: readonly string[]): string | null {
  let digest = noHash;
  let size = 0;
  for (const [index, line] of lines.entries()) {
    const found = tryDecode(line);
    const follows = found?.number === index + 1 && found.prev === digest && found.size > size;
    if (!follows) return `checkpoint ${index + 1} was altered or does not continue the one before it`;
    digest = hash('sha256', line, 'hex');
    size = found.size;
  }
  return null;
}

/** A line that is no checkpoint covers nothing; its signature check then refuses the ledger. */
function tryDecode(line: string): Checkpoint | null {
  try {
    return decodeCheckpoint(line);
  } catch {
    return null;
  }
}
