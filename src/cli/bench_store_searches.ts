import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ask } from '../store/answer.js';
import type { Warehouse } from '../store/clickhouse.js';
import { criteriaSchema } from '../store/criteria.js';
import { dayMs } from '../store/retention_days.js';

export interface SearchFigures {
  readonly rows: number;
  /** On disk, all columns and the index by plate, without images. */
  readonly bytesPerRow: number;
  readonly parts: number;
  /** Of this process while the embedded engine searches: alerts share its event loop. */
  readonly eventLoopDelayMsMax: number;
  readonly searches: Readonly<Record<string, KindFigures>>;
}

interface KindFigures {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  readonly times: number;
  /** Over the memory or the seconds that one search may take. */
  readonly failed: number;
}

/** A read that is there: what is asked for is found. */
interface Known {
  readonly plate: string;
  readonly camera: string;
  readonly at: string;
}

const asked: Readonly<Record<string, (known: Known) => unknown>> = {
  plate: ({ plate }) => ({ kind: 'reads', plate }),
  plate_look_alikes: ({ plate }) => ({ kind: 'reads', plate, ocrEquivalents: true }),
  wildcard_prefix: ({ plate }) => ({ kind: 'reads', wildcard: `${plate.slice(0, 4)}*` }),
  wildcard_inside: ({ plate }) => ({ kind: 'reads', wildcard: `*${plate.slice(2, 6)}*` }),
  camera_10_minutes: ({ camera, at }) => ({
    kind: 'reads',
    cameras: [camera],
    fromMs: Number(at),
    toMs: Number(at) + 600_000,
    pageRows: 1000,
  }),
  co_travel: ({ plate }) => ({ kind: 'co_travel', plate }),
  first_last_seen: ({ plate }) => ({ kind: 'plates', plate }),
};

const timesMax = 100;
const warmUpTimes = 10;
/** A kind that takes so long gains nothing from a second warm-up. */
const slowMs = 500;
const kindMsMax = 20_000;

/** Each kind up to 100 times for as many different reads, 20 s at most; ten searches of each kind before, which fill caches, are not counted. */
export async function benchSearches(
  warehouse: Warehouse,
  rows: number,
  progress: (text: string) => void,
): Promise<SearchFigures> {
  const known = await knownReads(warehouse);
  const searches: Record<string, KindFigures> = {};
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const [name, criteriaFor] of Object.entries(asked)) {
    progress(`searching ${rows} rows: ${name}`);
    searches[name] = await benchKind(warehouse, known.map(criteriaFor));
  }
  delay.disable();
  const [size] = await warehouse.query<{ bytes: string; n: string; parts: string }>(
    "SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS n, count() AS parts FROM system.parts WHERE database = 'platestream' AND table = 'reads' AND active",
  );
  return {
    rows: Number(size?.n),
    bytesPerRow: Math.round((Number(size?.bytes) / Number(size?.n)) * 10) / 10,
    parts: Number(size?.parts),
    eventLoopDelayMsMax: Math.round(delay.max / 1e6),
    searches,
  };
}

async function benchKind(warehouse: Warehouse, criteria: readonly unknown[]): Promise<KindFigures> {
  for (const one of criteria.slice(0, warmUpTimes)) {
    if ((await timed(warehouse, one)).ms > slowMs) break;
  }
  const counted = criteria.slice(warmUpTimes);
  const tookMs: number[] = [];
  let failed = 0;
  const budgetAt = performance.now() + kindMsMax;
  for (const one of counted) {
    const { ms, ok } = await timed(warehouse, one);
    tookMs.push(ms);
    if (!ok) failed += 1;
    if (performance.now() > budgetAt) break;
  }
  const at = (share: number) => percentile(tookMs, share);
  return { p50: at(0.5), p95: at(0.95), max: at(1), times: tookMs.length, failed };
}

async function timed(warehouse: Warehouse, criteria: unknown): Promise<{ ms: number; ok: boolean }> {
  const parsed = criteriaSchema.parse(criteria);
  const startedAt = performance.now();
  const ok = await ask(warehouse, parsed, Date.now() - 30 * dayMs).then(
    (answer) => 'rows' in answer,
    () => false,
  );
  return { ms: performance.now() - startedAt, ok };
}

/** One read each from as many moments and cameras: drawn by row, so that a plate that passes often is asked for often. */
async function knownReads(warehouse: Warehouse): Promise<Known[]> {
  const [bounds] = await warehouse.query<{ first: string; last: string }>(
    'SELECT toUnixTimestamp64Milli(min(captured_at)) AS first, toUnixTimestamp64Milli(max(captured_at)) AS last FROM platestream.reads',
  );
  const firstMs = Number(bounds?.first);
  const stepMs = (Number(bounds?.last) - firstMs) / (timesMax + warmUpTimes);
  const known: Known[] = [];
  for (let i = 0; i < timesMax + warmUpTimes; i += 1) {
    const [read] = await warehouse.query<Known>(
      `SELECT plate, camera, toUnixTimestamp64Milli(captured_at) AS at FROM platestream.reads
       WHERE camera = {camera:String} AND captured_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') ORDER BY captured_at LIMIT 1`,
      { camera: `cam-${(i * 7) % 60}`, from: Math.floor(firstMs + i * stepMs * 0.99) },
    );
    if (read) known.push(read);
  }
  return known;
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0) * 10) / 10;
}
