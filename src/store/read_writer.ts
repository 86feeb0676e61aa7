import { setTimeout as pause } from 'node:timers/promises';
import type { Read } from '../data/read.js';
import type { Log } from '../observe/log.js';
import { bulkLine, columns, type GpsPosition } from './bulk_row.js';
import { describeFailure, type Warehouse, writeFailure } from './clickhouse.js';
import type { ImagePacks, ImagePlace } from './images.js';
import type { ReadSpool } from './read_spool.js';
import { seenReads } from './seen_reads.js';

/**
 * Reads on their way to the bulk store: images to their pack, the row to the spool, both synced (only then is the read
 * acknowledged), then whole batches to the store, each under one deduplication token.
 *
 * When the spool is full or the disk fails, `append` waits: the read stays unacknowledged at its engine, which spools on its
 * own disk. Live traffic goes first: after an outage every second batch is the newest, the others the oldest.
 */
export interface ReadWriter {
  /** Resolves when the read is durable. A read that was appended before is acknowledged and not stored again. */
  append(read: Read, listVersion: number): Promise<void>;
  saveImages(read: Read): Promise<ImagePlace | null>;
  /** Resolves when all that was appended so far is in the bulk store, or `deadlineMs` has passed (false). */
  flush(deadlineMs: number): Promise<boolean>;
  close(): Promise<void>;
  readonly counts: WriterCounts;
}

export interface WriterCounts {
  appended: number;
  stored: number;
  repeated: number;
  batches: number;
  retries: number;
  /** Rows of batches the store can never take; they are kept aside in the spool. */
  rejected: number;
  damagedGroups: number;
  /** Since when the store has refused writes, monotonic ms; null while it takes them. */
  failingSinceMs: number | null;
  failure: string | null;
}

export interface WriterParts {
  readonly spool: ReadSpool;
  readonly images: ImagePacks;
  readonly warehouse: Warehouse;
  readonly positionOf: (cameraId: string) => GpsPosition | null;
  readonly batch: { readonly rowsMax: number; readonly bytesMax: number; readonly ageMsMax: number };
  readonly spoolBytesMax: number;
  readonly startedAtMs: number;
  readonly log: Log;
  /** Runs around every write to the store, so that a partition is never dropped under a batch. */
  readonly exclusive: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

interface Waiting {
  readonly read: Read;
  readonly listVersion: number;
  readonly done: () => void;
}

/** One group is prepared without a pause for anything else: a few milliseconds, because alerts share the event loop. */
const groupRowsMax = 2_000;
const retryWaitMsMax = 5_000;

export async function startReadWriter(parts: WriterParts): Promise<ReadWriter> {
  const { spool, images, warehouse, batch, log } = parts;
  const counts: WriterCounts = {
    appended: 0,
    stored: 0,
    repeated: 0,
    batches: 0,
    retries: 0,
    rejected: 0,
    damagedGroups: 0,
    failingSinceMs: null,
    failure: null,
  };
  const seen = seenReads();
  for (const number of spool.sealed()) for (const line of (await spool.read(number)).lines) seen.add(idOfLine(line));
  /** Batches with a read captured before this process began: an engine may be telling us again what an earlier one stored. */
  const doubtful = new Set<number>(spool.inherited);
  let openBatchDoubtful = false;
  let openedAtMs = 0;
  let queue: Waiting[] = [];
  let closing = false;
  const stop = new AbortController();
  let wakeGroups = signal();
  let wakeBatches = signal();

  /** Groups: one sync for everybody who waits. */
  async function groupLoop(): Promise<void> {
    for (;;) {
      while (queue.length === 0 && !closing) await wakeGroups.promise;
      if (queue.length === 0) return;
      wakeGroups = signal();
      if (spool.bytes >= parts.spoolBytesMax) {
        if (closing) return;
        await spool.seal();
        wakeBatches.wake();
        await pause(20);
        continue;
      }
      const group = queue.splice(0, groupRowsMax);
      if (!(await makeDurable(group))) {
        queue = [...group, ...queue];
        if (closing) return;
        await pause(200);
      }
    }
  }

  async function makeDurable(group: readonly Waiting[]): Promise<boolean> {
    const fresh: Waiting[] = [];
    const inGroup = new Set<string>();
    for (const waiting of group) {
      if (seen.has(waiting.read.id) || inGroup.has(waiting.read.id)) continue;
      inGroup.add(waiting.read.id);
      fresh.push(waiting);
    }
    try {
      if (fresh.length > 0) {
        const lines: string[] = [];
        for (const { read, listVersion } of fresh) {
          const image = read.evidence.vehicle.length > 0 ? await images.append(read) : null;
          lines.push(bulkLine(read, { position: parts.positionOf(read.cameraId), image, listVersion }));
        }
        await images.sync();
        if (fresh.some(({ read }) => read.capturedAtMs < parts.startedAtMs)) openBatchDoubtful = true;
        if (spool.openRows === 0) openedAtMs = performance.now();
        await spool.append(lines);
      }
    } catch (error) {
      counts.failure = describeFailure(error);
      log.error({ reason: counts.failure }, 'spool_write_failed');
      return false;
    }
    for (const { read } of fresh) seen.add(read.id);
    counts.appended += fresh.length;
    counts.repeated += group.length - fresh.length;
    for (const { done } of group) done();
    await sealIfFull();
    return true;
  }

  async function sealIfFull(): Promise<void> {
    const aged = spool.openRows > 0 && performance.now() - openedAtMs >= batch.ageMsMax;
    if (spool.openRows >= batch.rowsMax || spool.openBytes >= batch.bytesMax || aged) await seal();
  }

  async function seal(): Promise<void> {
    const doubt = openBatchDoubtful;
    const number = await spool.seal();
    if (number === null) return;
    if (doubt) doubtful.add(number);
    openBatchDoubtful = false;
    wakeBatches.wake();
  }

  /** Batches: one at a time, newest and oldest in turn, until the spool is empty. */
  async function batchLoop(): Promise<void> {
    let newest = true;
    let failures = 0;
    for (;;) {
      const waiting = spool.sealed();
      const number = newest ? waiting.at(-1) : waiting[0];
      if (number === undefined) {
        if (stop.signal.aborted) return;
        wakeBatches = signal();
        await wakeBatches.promise;
        continue;
      }
      if (stop.signal.aborted) return;
      const stored = await store(number);
      newest = !newest;
      failures = stored ? 0 : failures + 1;
      if (!stored) await interruptiblePause(Math.min(retryWaitMsMax, 50 * 2 ** Math.min(10, failures)), stop.signal);
    }
  }

  async function store(number: number): Promise<boolean> {
    try {
      await parts.exclusive(async () => {
        const spooled = await spool.read(number);
        const lines = doubtful.has(number) ? await notYetStored(warehouse, spooled.lines) : spooled.lines;
        const body = lines === spooled.lines ? spooled.body : Buffer.from(`${lines.join('\n')}\n`);
        if (lines.length > 0) await warehouse.insert(insertSql(spooled.token), body);
        counts.stored += lines.length;
        counts.repeated += spooled.lines.length - lines.length;
        counts.damagedGroups += spooled.damagedGroups;
        counts.batches += 1;
        doubtful.delete(number);
        await spool.remove(number);
      });
      counts.failingSinceMs = null;
      counts.failure = null;
      return true;
    } catch (error) {
      counts.failingSinceMs ??= performance.now();
      counts.failure = describeFailure(error);
      if (writeFailure(error) === 'poison') {
        counts.rejected += (await spool.read(number)).lines.length;
        await spool.reject(number);
        log.error({ batch: number, reason: counts.failure }, 'batch_rejected');
        return true;
      }
      // What a lost answer left behind is not known: look before writing again.
      doubtful.add(number);
      counts.retries += 1;
      log.warn({ batch: number, reason: counts.failure }, 'batch_retried');
      return false;
    }
  }

  const groups = groupLoop();
  const batches = batchLoop();
  const ageing = setInterval(() => void sealIfFull().catch(() => undefined), Math.max(10, batch.ageMsMax / 4));
  ageing.unref();

  return {
    append: (read, listVersion) =>
      new Promise<void>((resolve, reject) => {
        if (closing) return reject(new Error('the store is closing'));
        queue.push({ read, listVersion, done: resolve });
        wakeGroups.wake();
      }),
    saveImages: async (read) => {
      const place = await images.append(read);
      await images.sync();
      return place;
    },
    async flush(deadlineMs) {
      const until = performance.now() + deadlineMs;
      const target = () => queue.length === 0 && spool.rows === 0;
      while (!target() && performance.now() < until) {
        if (queue.length === 0) await seal();
        await pause(5);
      }
      return target();
    },
    async close() {
      closing = true;
      clearInterval(ageing);
      wakeGroups.wake();
      await groups;
      await seal();
      stop.abort();
      wakeBatches.wake();
      await batches;
      await spool.close();
    },
    counts,
  };
}

/** Settings stand in the text: sent beside it, the embedded connection would keep the token for the next batch. */
function insertSql(token: string): string {
  return (
    `INSERT INTO platestream.reads (${columns.join(', ')}) SETTINGS insert_deduplicate = 1, async_insert = 0, ` +
    `insert_deduplication_token = '${token}', log_queries = 0 FORMAT JSONCompactEachRow`
  );
}

const runColumn = columns.indexOf('pass_run');
const numberColumn = columns.indexOf('pass_number');
const timeColumn = columns.indexOf('captured_at');

function passOfLine(line: string): { run: string; number: number; capturedAt: string } {
  const row = JSON.parse(line) as unknown[];
  return { run: row[runColumn] as string, number: row[numberColumn] as number, capturedAt: row[timeColumn] as string };
}

function idOfLine(line: string): string {
  const { run, number } = passOfLine(line);
  return `${run}-${number}`;
}

/** Which of these reads the store does not have: asked only where a crash or a lost answer leaves room for doubt. */
async function notYetStored(warehouse: Warehouse, lines: readonly string[]): Promise<readonly string[]> {
  const passes = lines.map(passOfLine);
  const times = passes.map((p) => p.capturedAt).sort();
  const numbers = passes.map((p) => p.number);
  const present = await warehouse.query<{ run: string; number: number }>(
    `SELECT pass_run AS run, pass_number AS number FROM platestream.reads
     WHERE captured_at BETWEEN {first:DateTime64(3, 'UTC')} AND {last:DateTime64(3, 'UTC')}
       AND pass_run IN {runs:Array(String)} AND pass_number BETWEEN {least:UInt32} AND {most:UInt32}
     SETTINGS log_queries = 0`,
    {
      first: times[0],
      last: times.at(-1),
      runs: [...new Set(passes.map((p) => p.run))],
      least: numbers.reduce((a, b) => Math.min(a, b)),
      most: numbers.reduce((a, b) => Math.max(a, b)),
    },
  );
  if (present.length === 0) return lines;
  const stored = new Set(present.map((p) => `${p.run}-${p.number}`));
  return lines.filter((_, i) => !stored.has(`${passes[i]?.run}-${passes[i]?.number}`));
}

function signal(): { promise: Promise<void>; wake: () => void } {
  let wake = () => {};
  const promise = new Promise<void>((resolve) => {
    wake = resolve;
  });
  return { promise, wake };
}

async function interruptiblePause(ms: number, stop: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: stop }).catch(() => undefined);
}
