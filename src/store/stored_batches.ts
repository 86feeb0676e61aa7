import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../observe/log.js';
import { type BadRow, type Piece, sortOut } from './bad_rows.js';
import { columns } from './bulk_row.js';
import { describeFailure, type Warehouse } from './clickhouse.js';
import type { ReadSpool } from './read_spool.js';
import { signal } from './signal.js';
import { linesOf, passOfLine } from './spooled_lines.js';
import type { WriterCounts } from './writer_counts.js';

/** Batches on their way from the spool to the bulk store, one at a time, each under one deduplication token. */
export interface StoredBatches {
  /** A batch was sealed. `doubtful`: some of it may be in the store already. */
  take(batch: number, doubtful: boolean): void;
  /** Ends after the attempt under way; what is left is stored after the next start. */
  close(): Promise<void>;
}

export interface BatchParts {
  readonly spool: ReadSpool;
  readonly warehouse: Warehouse;
  readonly counts: WriterCounts;
  readonly log: Log;
  /** Runs around every write to the store, so that a partition is never dropped under a batch. */
  readonly exclusive: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

const retryWaitMsMin = 50;
const retryWaitMsMax = 5_000;

export function startBatches({ spool, warehouse, counts, log, exclusive }: BatchParts): StoredBatches {
  const doubtful = new Set<number>(spool.inherited);
  const stop = new AbortController();
  let wake = signal();

  /** Live traffic goes first: after an outage every second batch is the newest, the others the oldest. */
  async function loop(): Promise<void> {
    let newest = true;
    let failures = 0;
    while (!stop.signal.aborted) {
      const sealed = spool.sealed();
      const number = newest ? sealed.at(-1) : sealed[0];
      if (number === undefined) {
        wake = signal();
        await wake.promise;
        continue;
      }
      const stored = await store(number);
      newest = !newest;
      failures = stored ? 0 : failures + 1;
      if (!stored) await waitBeforeRetry(failures);
    }
  }

  async function waitBeforeRetry(failures: number): Promise<void> {
    const ms = Math.min(retryWaitMsMax, retryWaitMsMin * 2 ** Math.min(10, failures));
    await pause(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  }

  async function store(number: number): Promise<boolean> {
    try {
      await exclusive(() => insert(number));
      counts.failingSinceMs = null;
      counts.failure = null;
      return true;
    } catch (error) {
      counts.failingSinceMs ??= performance.now();
      counts.failure = describeFailure(error);
      // What a lost answer left behind is not known: look before writing again.
      doubtful.add(number);
      counts.retries += 1;
      log.warn({ batch: number, reason: counts.failure }, 'batch retried');
      return false;
    }
  }

  async function insert(number: number): Promise<void> {
    const spooled = await spool.read(number);
    const { stored, bad } = await sortOut(spooled, (piece) => write(piece, doubtful.has(number)));
    if (bad.length > 0) await setAside(number, bad);
    else await spool.remove(number);
    counts.stored += stored;
    counts.repeated += spooled.rows - stored - bad.length;
    counts.damagedGroups += spooled.damagedGroups;
    counts.batches += 1;
    doubtful.delete(number);
  }

  async function write(piece: Piece, isDoubtful: boolean): Promise<number> {
    const { rows, body } = isDoubtful ? await notYetStored(warehouse, piece) : piece;
    if (rows > 0)
      await warehouse.insert({
        table: 'platestream.reads',
        columns,
        format: 'JSONCompactEachRow',
        token: piece.token,
        body,
      });
    return rows;
  }

  /** All else of the batch is stored. */
  async function setAside(number: number, bad: readonly BadRow[]): Promise<void> {
    await spool.reject(
      number,
      bad.map(({ line }) => line),
    );
    for (const { reason } of bad) counts.rejected.set(reason, (counts.rejected.get(reason) ?? 0) + 1);
    log.error({ batch: number, rows: bad.length, reason: bad[0]?.reason }, 'rows rejected');
  }

  const running = loop();
  return {
    take(batch, isDoubtful) {
      if (isDoubtful) doubtful.add(batch);
      wake.wake();
    },
    async close() {
      stop.abort();
      wake.wake();
      await running;
    },
  };
}

/** Which of these reads the store does not have: asked only where a crash or a lost answer leaves room for doubt. */
async function notYetStored(warehouse: Warehouse, batch: Piece): Promise<Pick<Piece, 'rows' | 'body'>> {
  const lines = linesOf(batch);
  if (lines.length === 0) return batch;
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
  if (present.length === 0) return batch;
  const stored = new Set(present.map((p) => `${p.run}-${p.number}`));
  const missing = lines.filter((_, i) => !stored.has(`${passes[i]?.run}-${passes[i]?.number}`));
  return { rows: missing.length, body: Buffer.from(`${missing.join('\n')}\n`) };
}
