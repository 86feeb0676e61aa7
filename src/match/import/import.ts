import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fail, ok, type Result } from '../../data/result.js';
import { limits } from '../../limits.js';
import type { Classify } from '../category_table.js';
import { packFirst, packRest } from '../plate.js';
import type { SnapshotBuilder } from '../snapshot/builder.js';
import { ownText, vehicleText, whoText } from '../snapshot/row.js';
import type { RowFormat } from './format.js';
import { type Line, LineSplitter } from './lines.js';
import { type CleanRow, cleanRow, type RawRow, type RejectReason } from './row.js';

/** What became of every line. `rows = loaded + dropped + rejected`; duplicates are found later, among the loaded. */
export interface ImportCounts {
  /** Of the bytes as they came, compressed or not. */
  readonly sha256: string;
  readonly bytes: number;
  /** When the file itself says it was compiled. */
  readonly compiledAtMs: number | null;
  readonly rows: number;
  readonly loaded: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  /** Line number and reason, never content; the first `limits.hotList.rejectsListedMax`. */
  readonly rejects: readonly (readonly [line: number, reason: RejectReason])[];
  /** Fields read as what they look like: digit zero for letter O in a state. */
  readonly statesNormalised: number;
}

export interface ImportRules {
  readonly source: string;
  readonly format: RowFormat;
  readonly classify: Classify;
}

/**
 * Streams a file into a builder. Memory: one line, one chunk, and what is loaded. A prohibited row is counted and forgotten: nothing
 * of it is kept anywhere [IV.A.3.b]. @returns the counts, or why the file as a whole cannot be read.
 */
export async function importRows(
  input: AsyncIterable<Uint8Array>,
  rules: ImportRules,
  builder: SnapshotBuilder,
): Promise<Result<ImportCounts, string>> {
  const tally = new Tally(rules, builder);
  const digest = createHash('sha256');
  let bytes = 0;
  async function* counted() {
    for await (const chunk of input) {
      digest.update(chunk);
      bytes += chunk.byteLength;
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    }
  }
  const wrong = await readLines(await unpacked(counted()), tally);
  if (wrong !== null) return fail(wrong);
  return ok({ ...tally.counts(), sha256: digest.digest('hex'), bytes, compiledAtMs: rules.format.compiledAtMs() });
}

async function readLines(input: AsyncIterable<Buffer>, tally: Tally): Promise<string | null> {
  const splitter = new LineSplitter(limits.hotList.lineBytesMax, (line) => tally.take(line));
  let bytes = 0;
  try {
    for await (const chunk of input) {
      bytes += chunk.length;
      if (bytes > limits.hotList.fileBytesMax) return `more than ${limits.hotList.fileBytesMax} bytes when unpacked`;
      splitter.push(chunk);
      const wrong = tally.fault();
      if (wrong !== null) return wrong;
    }
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'broken off'})`;
  }
  splitter.end();
  return tally.fault();
}

/** A gzip file is known by its first two bytes. */
async function unpacked(input: AsyncGenerator<Buffer>): Promise<AsyncIterable<Buffer>> {
  const first = await input.next();
  const start = first.done ? Buffer.alloc(0) : first.value;
  async function* whole() {
    yield start;
    yield* input;
  }
  if (start[0] !== 0x1f || start[1] !== 0x8b) return whole();
  const source = Readable.from(whole());
  const gunzip = createGunzip();
  source.once('error', (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

class Tally {
  readonly #rules: ImportRules;
  readonly #builder: SnapshotBuilder;
  readonly #dropped = new Map<string, number>();
  readonly #byReason = new Map<string, number>();
  readonly #rejects: [number, RejectReason][] = [];
  #rows = 0;
  #loaded = 0;
  #rejected = 0;
  #statesNormalised = 0;

  constructor(rules: ImportRules, builder: SnapshotBuilder) {
    this.#rules = rules;
    this.#builder = builder;
  }

  fault(): string | null {
    if (this.#rows > limits.hotList.rowsMax) return `more than ${limits.hotList.rowsMax} rows`;
    return this.#rules.format.fault();
  }

  take({ number, bytes }: Line): void {
    const parsed = bytes === null ? fail('line_too_long' as const) : this.#rules.format.parse(bytes, number);
    if (parsed === null) return;
    const reason = parsed.ok ? this.#takeRow(parsed.value) : parsed.error;
    if (reason !== null) this.#reject(number, reason);
  }

  /** The category comes first: a prohibited row is let go of before anything else of it is looked at. @returns why it is rejected. */
  #takeRow(raw: RawRow): RejectReason | null {
    if (raw.code === '') return 'category_missing';
    const verdict = this.#rules.classify(raw.file, raw.code);
    if (verdict.kind === 'unknown') return 'category_unknown';
    if (verdict.kind === 'by_hand') return 'category_by_hand';
    if (verdict.kind === 'drop') {
      this.#rows += 1;
      this.#dropped.set(verdict.category, (this.#dropped.get(verdict.category) ?? 0) + 1);
      return null;
    }
    const clean = cleanRow(raw);
    if (!clean.ok) return clean.error;
    this.#load(clean.value, verdict.category);
    return null;
  }

  #load(row: CleanRow, category: string): void {
    this.#rows += 1;
    this.#loaded += 1;
    if (row.stateNormalised) this.#statesNormalised += 1;
    const { source } = this.#rules;
    this.#builder.add(packFirst(row.plate), packRest(row.plate), {
      who: whoText({ source, category, state: row.state, agency: row.agency }),
      vehicle: vehicleText(row.vehicle),
      own: ownText(row.entryId, row.reason, row.expiresAtMs),
    });
  }

  #reject(line: number, reason: RejectReason): void {
    this.#rows += 1;
    this.#rejected += 1;
    this.#byReason.set(reason, (this.#byReason.get(reason) ?? 0) + 1);
    if (this.#rejects.length < limits.hotList.rejectsListedMax) this.#rejects.push([line, reason]);
  }

  counts(): Omit<ImportCounts, 'sha256' | 'bytes' | 'compiledAtMs'> {
    return {
      rows: this.#rows,
      loaded: this.#loaded,
      dropped: Object.fromEntries(this.#dropped),
      rejected: this.#rejected,
      rejectedByReason: Object.fromEntries(this.#byReason),
      rejects: this.#rejects,
      statesNormalised: this.#statesNormalised,
    };
  }
}
