import { hostname } from 'node:os';
import type { Receipt } from '../data/receipt.js';
import { assert, fail, ok, type Result } from '../data/result.js';
import { AppendFile } from '../files/append_file.js';
import { type Disk, realDisk } from '../files/disk.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import { ledgerBounds } from '../observe/duration_metrics.js';
import { DurationClock, type Durations } from '../observe/durations.js';
import { type ChainEnd, extend } from './chain.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from './checkpoint.js';
import { diskFull, errorCode, isDiskFull, type LedgerFault, unavailable } from './fault.js';
import { keepLastSigned } from './last_signed.js';
import { type Delivered, intent, outcome } from './receipt.js';
import { type Draft, decodeLine, encodeLine, type LedgerRecord, noHash } from './record.js';
import { linesOf, segmentPath, segmentsOf } from './segments.js';
import type { SigningKey } from './signing_key.js';

export interface LedgerOptions {
  readonly dir: string;
  readonly clock: Clock;
  /** SHA-256 hex of the policy file in force; stamped on every record. */
  readonly policySha256: string;
  readonly configSha256?: string;
  readonly signingKey: SigningKey;
  /** Where the key's last checkpoint is kept: beside the key, never in the ledger's own folder. */
  readonly lastSignedFile: string;
  readonly node?: string;
  readonly segmentBytes?: number;
  readonly checkpointEveryMs?: number;
  readonly checkpointEveryRecords?: number;
  /** Told of every checkpoint line once it is durable. */
  readonly witness?: (line: string) => void;
  readonly disk?: Disk;
}

interface Waiting {
  readonly draft: Draft;
  readonly askedAtMs: number;
  readonly settle: (answer: Result<LedgerRecord, LedgerFault>) => void;
}

/** The program itself, as the author of a record. */
export const systemActor = { actor_id: 'SYS', actor_name: 'platestream', roles: ['SYS'], decision: 'allow' } as const;

/**
 * The record of everything done and refused: append-only, hash-chained, signed. One process, one writer; appends that wait
 * together share one write and one fdatasync, and none is acknowledged before it. A failed fdatasync poisons the ledger: it is never
 * tried again, because the kernel may have dropped the pages it could not write.
 */
export class Ledger {
  readonly #options: Required<Pick<LedgerOptions, 'segmentBytes' | 'checkpointEveryMs' | 'checkpointEveryRecords'>> &
    LedgerOptions;
  readonly #disk: Disk;
  readonly #end: ChainEnd;
  readonly #release: () => void;
  readonly #listeners = new Set<(record: LedgerRecord) => void>();
  readonly #startedAt: { utcMs: number; monotonicMs: number };
  #segment: AppendFile | null;
  readonly #checkpoints: AppendFile;
  #lastCheckpoint: { readonly line: string; readonly checkpoint: Checkpoint; readonly digest: string } | null;
  readonly #appendClock = new DurationClock(ledgerBounds);
  #waiting: Waiting[] = [];
  #notRecorded = 0;
  #committing: Promise<void> | null = null;
  #checkpointing: Promise<void> | null = null;
  #checkpointDue = false;
  #poisoned: string | null = null;
  #closed = false;
  readonly #timer: NodeJS.Timeout;

  /** Use {@link openLedger}. */
  constructor(
    options: LedgerOptions,
    found: {
      end: ChainEnd;
      segment: AppendFile | null;
      checkpoints: AppendFile;
      last: { line: string; digest: string } | null;
      release: () => void;
    },
  ) {
    this.#options = {
      segmentBytes: 64 << 20,
      checkpointEveryMs: 30_000,
      checkpointEveryRecords: limits.ledger.checkpointRecordsMax,
      ...options,
    };
    this.#disk = options.disk ?? realDisk;
    this.#end = found.end;
    this.#segment = found.segment;
    this.#checkpoints = found.checkpoints;
    this.#lastCheckpoint = found.last && { ...found.last, checkpoint: decodeCheckpoint(found.last.line) };
    this.#release = found.release;
    this.#startedAt = { utcMs: options.clock.nowMs(), monotonicMs: options.clock.monotonicMs() };
    this.#timer = setInterval(() => this.#wantCheckpoint(), this.#options.checkpointEveryMs).unref();
  }

  get folder(): string {
    return this.#options.dir;
  }

  /** Of the key that signs this ledger's checkpoints. */
  get publicPem(): string {
    return this.#options.signingKey.publicPem;
  }

  /** Durable records. */
  get size(): number {
    return this.#end.size;
  }

  /** Hash of the last durable record. */
  get headHash(): string {
    return this.#end.headHash;
  }

  /** Drafts that wait for the disk. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Drafts that were turned away or lost to a fault since this process began: whatever asked for them was not done. */
  get notRecorded(): number {
    return this.#notRecorded;
  }

  /** How long durable records took, each from being asked for. */
  appendTimes(): Durations {
    return this.#appendClock.snapshot();
  }

  /** Why nothing can be recorded any more, or `null`. */
  get poisoned(): string | null {
    return this.#poisoned;
  }

  get latestCheckpoint(): Checkpoint | null {
    return this.#lastCheckpoint?.checkpoint ?? null;
  }

  /** Resolves once the record is durable and every listener has seen it, or with the reason why it is not recorded. */
  append(draft: Draft): Promise<Result<LedgerRecord, LedgerFault>> {
    const refusal = this.#refusal();
    if (refusal !== null) {
      this.#notRecorded += 1;
      return Promise.resolve(fail(unavailable(refusal)));
    }
    return new Promise((settle) => {
      this.#waiting.push({ draft, askedAtMs: this.#options.clock.monotonicMs(), settle });
      this.#pump();
    });
  }

  #refusal(): string | null {
    if (this.#poisoned !== null) return this.#poisoned;
    if (this.#closed) return 'it is closed';
    return this.#waiting.length >= limits.ledger.waitingMax ? 'too many wait' : null;
  }

  /** {@link intent} of `receipt.ts`. */
  intent(draft: Omit<Draft, 'decision' | 'ref'>): Promise<Result<Receipt, LedgerFault>> {
    return intent(this, draft);
  }

  /** {@link outcome} of `receipt.ts`. */
  outcome(receipt: Receipt, delivered: Delivered): Promise<Result<LedgerRecord, LedgerFault>> {
    return outcome(this, receipt, delivered);
  }

  /** Calls back for every record from now on, in order, once durable. @returns how to stop. */
  subscribe(listener: (record: LedgerRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back for the durable records from sequence number `from`, in order, until told `false`. */
  replay(from: number, each: (record: LedgerRecord) => boolean | undefined): void {
    const segments = segmentsOf(this.#options.dir);
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1]?.firstSeq ?? Number.POSITIVE_INFINITY;
      if (next <= from) continue;
      let seq = segment.firstSeq - 1;
      for (const { line } of linesOf(segment.file)) {
        seq += 1;
        if (seq > this.#end.size) return;
        if (seq >= from && each(decodeLine(line.toString())) === false) return;
      }
    }
  }

  /** Signs the records so far. */
  async checkpoint(): Promise<void> {
    this.#wantCheckpoint();
    await this.#committing;
    await this.#checkpointing;
  }

  /** Waits for what is being written, signs it and lets go of the folder. */
  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#committing !== null) await this.#committing;
    await this.checkpoint();
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#segment?.close().catch(() => undefined);
    await this.#checkpoints.close().catch(() => undefined);
    this.#release();
  }

  #wantCheckpoint(): void {
    if (this.#end.uncovered.length === 0 || this.#poisoned !== null || this.#closed) return;
    this.#checkpointDue = true;
    this.#pump();
  }

  #pump(): void {
    this.#committing ??= this.#commitAll().finally(() => {
      this.#committing = null;
      if (this.#waiting.length > 0 || this.#checkpointDue) this.#pump();
    });
  }

  async #commitAll(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0 || this.#checkpointDue) {
      if (!(await this.#mayStayUnsigned())) return this.#refuseAll(diskFull(this.#options.dir));
      if (this.#waiting.length > 0) await this.#commitBatch();
      const due = this.#checkpointDue || this.#end.uncovered.length >= this.#options.checkpointEveryRecords;
      this.#checkpointDue = false;
      if (due && this.#poisoned === null) await this.#startCheckpoint();
    }
  }

  /** Where checkpoints can not be written, records go no further than what may be unsigned at once. */
  async #mayStayUnsigned(): Promise<boolean> {
    const isOver = () => this.#end.uncovered.length >= this.#options.checkpointEveryRecords;
    if (!isOver()) return true;
    await this.#startCheckpoint();
    await this.#checkpointing;
    return !isOver() || this.#poisoned !== null;
  }

  #refuseAll(fault: LedgerFault): void {
    this.#checkpointDue = false;
    const refused = this.#waiting.splice(0);
    this.#notRecorded += refused.length;
    for (const { settle } of refused) settle(fail(fault));
  }

  async #commitBatch(): Promise<void> {
    const room = this.#options.checkpointEveryRecords - this.#end.uncovered.length;
    const candidates = this.#waiting.slice(0, Math.max(1, Math.min(limits.ledger.batchMax, room)));
    const lines = this.#encode(candidates);
    const batch = candidates.slice(0, lines.length);
    this.#waiting = this.#waiting.slice(lines.length);
    const fault = await this.#makeDurable(Buffer.from(`${lines.map((l) => l.line).join('\n')}\n`));
    if (fault !== null) {
      const lost = this.#poisoned === null ? batch : [...batch, ...this.#waiting.splice(0)];
      this.#notRecorded += lost.length;
      for (const { settle } of lost) settle(fail(fault));
      return;
    }
    const durableAtMs = this.#options.clock.monotonicMs();
    for (const { askedAtMs } of batch) this.#appendClock.observe((durableAtMs - askedAtMs) / 1000);
    for (const [index, { line, hash }] of lines.entries()) {
      const record = decodeLine(line);
      extend(this.#end, { ...record, ref: record.ref ?? null, hash, utcMs: Date.parse(record.ts_utc) });
      for (const listener of this.#listeners) listener(record);
      batch[index]?.settle(ok(record));
    }
  }

  /** The lines of as many drafts as fit one batch; each continues the one before. */
  #encode(waiting: readonly Waiting[]): { line: string; hash: string }[] {
    const { clock } = this.#options;
    const [utcMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    const offsetMs = utcMs - this.#startedAt.utcMs - (monotonicMs - this.#startedAt.monotonicMs);
    const lines: { line: string; hash: string }[] = [];
    let [seq, prevHash, bytes] = [this.#end.size, this.#end.headHash, 0];
    for (const { draft } of waiting) {
      seq += 1;
      const encoded = encodeLine(draft, {
        seq,
        prevHash,
        utcMs,
        monotonicMs: Math.round(monotonicMs),
        clockOffsetMs: Math.round(offsetMs),
        node: this.#options.node ?? hostname(),
        policySha256: this.#options.policySha256,
        configSha256: this.#options.configSha256 ?? null,
      });
      const lineBytes = Buffer.byteLength(encoded.line) + 1;
      assert(
        lineBytes <= limits.ledger.lineBytesMax,
        `a ${draft.action} record is at most ${limits.ledger.lineBytesMax} bytes`,
      );
      bytes += lineBytes;
      if (bytes > limits.ledger.batchBytesMax) break;
      lines.push(encoded);
      prevHash = encoded.hash;
    }
    return lines;
  }

  async #makeDurable(bytes: Buffer): Promise<LedgerFault | null> {
    try {
      const segment = await this.#segmentFor(bytes.length);
      await orDiskFull(segment.write(bytes));
      await segment.sync();
      return null;
    } catch (error) {
      if (error instanceof DiskFull) return diskFull(this.#options.dir);
      return unavailable(this.#poison(error));
    }
  }

  async #segmentFor(bytes: number): Promise<AppendFile> {
    const current = this.#segment;
    if (current !== null && (current.bytes === 0 || current.bytes + bytes <= this.#options.segmentBytes))
      return current;
    const path = segmentPath(this.#options.dir, this.#end.size + 1);
    this.#segment = await orDiskFull(AppendFile.open(path, 0, this.#disk));
    await current?.close();
    await this.#disk.syncFolder(this.#options.dir);
    return this.#segment;
  }

  #poison(error: unknown): string {
    this.#poisoned ??= `writing to ${this.#options.dir} failed with ${errorCode(error)}; restart after repairing the disk`;
    return this.#poisoned;
  }

  /** A checkpoint is written beside the next batch, one at a time: appends do not wait for its sync. */
  async #startCheckpoint(): Promise<void> {
    await this.#checkpointing;
    if (this.#poisoned !== null || this.#end.uncovered.length === 0) return;
    this.#checkpointing = this.#writeCheckpoint().finally(() => {
      this.#checkpointing = null;
    });
  }

  async #writeCheckpoint(): Promise<void> {
    const { clock, signingKey } = this.#options;
    const covered = this.#end.uncovered;
    this.#end.uncovered = [];
    const { line, digest } = encodeCheckpoint(
      {
        number: (this.#lastCheckpoint?.checkpoint.number ?? 0) + 1,
        size: this.#end.size,
        root: this.#end.tree.root(),
        ts_utc: new Date(clock.nowMs()).toISOString(),
        prev: this.#lastCheckpoint?.digest ?? noHash,
        leaves: covered.join(''),
      },
      signingKey,
    );
    const bytes = Buffer.from(`${line}\n`);
    try {
      await orDiskFull(keepLastSigned(this.#options.lastSignedFile, line, this.#disk));
      await orDiskFull(this.#checkpoints.write(bytes));
      await this.#checkpoints.sync();
    } catch (error) {
      this.#end.uncovered = [...covered, ...this.#end.uncovered];
      if (!(error instanceof DiskFull)) this.#poison(error);
      return;
    }
    this.#lastCheckpoint = { line, digest, checkpoint: decodeCheckpoint(line) };
    this.#options.witness?.(line);
  }
}

/** The disk was full and the file is as it was before. */
class DiskFull extends Error {}

/** A full disk is survived: the file is as it was before, and the next append may try. After any other fault nobody knows. */
async function orDiskFull<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw isDiskFull(error) ? new DiskFull() : error;
  }
}
