import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { defineCommand } from 'citty';
import { cameraId, readId } from '../data/ids.js';
import type { Read } from '../data/read.js';
import { systemClock } from '../observe/clock.js';
import { columns } from '../store/bulk_row.js';
import { openWarehouse, type Warehouse } from '../store/clickhouse.js';
import { criteriaSchema } from '../store/criteria.js';
import { ask } from '../store/read_history.js';
import { dayMs } from '../store/retention_days.js';
import { migrate } from '../store/schema/migrations.js';
import { storeSettings } from '../store/settings.js';
import { openStore } from '../store/store.js';

/**
 * Two measurements, kept apart: rows a second through the writer (each one durable before it counts), and search times over rows
 * generated inside ClickHouse: 30 days, 60 cameras, a population of vehicles in which few pass often.
 */
export const benchStoreCommand = defineCommand({
  meta: { name: 'store', description: 'Durable rows/s of the writer, bytes a row, search times over generated reads.' },
  args: {
    rows: { type: 'string', description: 'generated rows to search, e.g. 1e6 (several: 1e6,1e7)', default: '1e6,1e7' },
    quick: { type: 'boolean', description: '10^6 rows only', default: false },
    json: { type: 'boolean', description: 'one JSON object', default: false },
  },
  async run({ args }) {
    const sizes = (args.quick ? '1e6' : args.rows).split(',').map(Number);
    if (sizes.some((rows) => !Number.isInteger(rows) || rows < 10_000 || rows > 1e9)) {
      process.stderr.write(`--rows: whole numbers from 1e4 to 1e9, separated by commas; got "${args.rows}"\n`);
      process.exitCode = 2;
      return;
    }
    const progress = (text: string) => void process.stderr.write(`${text}\n`);
    // One process holds one data directory: the writer's store is closed before the generated one is opened.
    const writer = await inScratch((folder) => benchWriter(folder, args.quick ? 100_000 : 300_000, progress));
    const searches: SearchFigures[] = [];
    await inScratch(async (folder) => {
      const warehouse = await openWarehouse(warehouseOptions(folder));
      const migrated = await migrate(warehouse, { cluster: undefined });
      if (!migrated.ok) throw new Error(migrated.error);
      try {
        let present = 0;
        for (const rows of sizes.sort((a, b) => a - b)) {
          progress(`generating ${rows} rows`);
          await generate(warehouse, present, rows, sizes.at(-1) ?? rows);
          present = rows;
          searches.push(await benchSearches(warehouse, folder, rows, progress));
        }
      } finally {
        await warehouse.close();
      }
    });
    const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version };
    if (args.json) process.stdout.write(`${JSON.stringify({ machine, writer, searches })}\n`);
    else print(writer, searches);
  },
});

async function inScratch<Value>(work: (folder: string) => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-bench-store-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface WriterFigures {
  readonly rows: number;
  readonly durableRowsPerSecond: number;
  readonly searchableRowsPerSecond: number;
  readonly eventLoopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

async function benchWriter(dataDir: string, rows: number, progress: (text: string) => void): Promise<WriterFigures> {
  const opened = await openStore(storeSettings.parse({}), {
    clock: systemClock,
    dataDir,
    cameraRegistry: { position: () => ({ latitude: 42.36, longitude: -71.09 }) },
  });
  if (!opened.ok) throw new Error(opened.error);
  const store = opened.value;
  progress(`writing ${rows} rows`);
  const reads = generatedReads(rows);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  const inFlightMax = 20_000;
  for (let at = 0; at < rows; at += inFlightMax)
    await Promise.all(reads.slice(at, at + inFlightMax).map((read) => store.append(read)));
  const durableMs = performance.now() - startedAt;
  await store.flush(600_000);
  const searchableMs = performance.now() - startedAt;
  delay.disable();
  await store.close();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e4) / 100;
  return {
    rows,
    durableRowsPerSecond: Math.round((rows / durableMs) * 1000),
    searchableRowsPerSecond: Math.round((rows / searchableMs) * 1000),
    eventLoopDelayMs: { p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) },
  };
}

/** Reads without images: those are disk speed, and counted elsewhere. */
function generatedReads(rows: number): Read[] {
  const none = { vehicle: new Uint8Array(0), vehicleSha256: '', plate: new Uint8Array(0), plateSha256: '' };
  const nowMs = Date.now();
  return Array.from({ length: rows }, (_, i) => {
    const plate = createHash('md5').update(String(i)).digest('hex').slice(0, 7).toUpperCase();
    const camera = cameraId(`cam-${i % 60}`);
    if (!camera) throw new Error('broken invariant: a generated camera name is valid');
    const capturedAtMs = nowMs + i;
    return {
      id: readId(`bench-${camera}-${i}`),
      cameraId: camera,
      plate,
      confidence: 0.98,
      alternatives: [{ text: plate, confidence: 0.98 }],
      state: 'MA',
      stateConfidence: 0.9,
      capturedAtMs,
      captureClock: 'receive',
      firstSeenAtMs: capturedAtMs - 500,
      lastSeenAtMs: capturedAtMs + 400,
      frameCount: 5,
      direction: 'approaching',
      box: { x: 0, y: 0, width: 90, height: 30 },
      evidence: none,
      model: 'detector-1+reader-1',
    };
  });
}

function warehouseOptions(folder: string) {
  const account = { user: 'default', password: '' };
  const { search } = storeSettings.parse({});
  return {
    url: 'embedded',
    embeddedFolder: folder,
    writer: account,
    searcher: account,
    searchSecondsMax: search.secondsMax,
    searchMemoryBytesMax: search.memoryBytesMax,
    threadsMax: search.threadsMax,
    requestMsMax: 60_000,
  };
}

const windowDays = 29;

/** Rows `from` to `to` of `total`, spread evenly over the days; a plate's chance falls steeply with its rank. */
async function generate(warehouse: Warehouse, from: number, to: number, total: number): Promise<void> {
  const startMs = Date.now() - windowDays * dayMs + 3_600_000;
  const stepRows = 2_000_000;
  for (let at = from; at < to; at += stepRows) {
    await warehouse.command(generatorSql(at, Math.min(stepRows, to - at), startMs, total));
  }
  await warehouse.command('OPTIMIZE TABLE platestream.reads FINAL');
}

function generatorSql(at: number, rows: number, startMs: number, total: number): string {
  const spreadMs = windowDays * dayMs - 7_200_000;
  const vehicles = Math.max(100_000, Math.round(total / 50));
  // A stride prime to the total visits every moment once, so that each smaller size covers the same days.
  return `INSERT INTO platestream.reads (${columns.join(', ')}) SELECT
    fromUnixTimestamp64Milli(toInt64(${startMs} + intDiv(((number * 7919) % ${total}) * ${spreadMs}, ${total}) + rand(1) % 50), 'UTC') AS captured_at,
    concat('cam-', toString(rand(2) % 60)) AS camera,
    42360000 + (rand(2) % 60) * 1117, -71090000 - (rand(2) % 60) * 913,
    concat(toString(v % 10), char(65 + intDiv(v, 10) % 26), char(65 + intDiv(v, 260) % 26), char(65 + intDiv(v, 6760) % 26), leftPad(toString(intDiv(v, 175760) % 1000), 3, '0')) AS plate,
    ['MA', 'NH', 'NY', 'CT', 'RI', ''][1 + if(v % 10 < 7, 0, v % 6)], 90 + rand(5) % 10,
    toUInt16(10000 - pow(rand(6) / 4294967295.0, 6) * 4000),
    arrayMap(i -> concat(substring(plate, 1, i), char(65 + (v + i) % 26), substring(plate, i + 2)), range(if(rand(7) % 100 < 30, rand(8) % 3 + 1, 0))) AS others,
    arrayMap(other -> toUInt8(rand(9) % 20), others),
    1 + rand(10) % 2, 300 + rand(11) % 3000, 'receive', concat('e7f3a9-', camera), toUInt32(intDiv((number * 7919) % ${total}, 60)),
    toUInt32(intDiv((number * 7919) % ${total}, 10000)) + 1, toUInt32(((number * 7919) % 10000) * 52000 + rand(12) % 4000),
    bitShiftLeft(toUInt128(rand64(13)), 64) + rand64(14), 'detector-1+reader-1', toUInt32(intDiv(number * 60, ${total}))
    FROM (SELECT number, cityHash64(intDiv((rand64(3) % ${vehicles}) * (rand64(4) % ${vehicles}), ${vehicles})) AS v FROM numbers(${at}, ${rows}))
    SETTINGS max_partitions_per_insert_block = 100`;
}

interface SearchFigures {
  readonly rows: number;
  readonly bytesPerRow: number;
  /** Of this process while the embedded engine searches: alerts share its event loop. */
  readonly eventLoopDelayMsMax: number;
  readonly searches: Readonly<Record<string, { readonly p50: number; readonly p95: number; readonly times: number }>>;
}

async function benchSearches(
  warehouse: Warehouse,
  folder: string,
  rows: number,
  progress: (text: string) => void,
): Promise<SearchFigures> {
  const sample = await warehouse.query<{ plate: string; camera: string; at: string }>(
    'SELECT plate, camera, toUnixTimestamp64Milli(captured_at) AS at FROM platestream.reads ORDER BY cityHash64(plate, captured_at) LIMIT 40',
  );
  const asked: Record<string, (at: (typeof sample)[number]) => unknown> = {
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
  };
  const searches: Record<string, { p50: number; p95: number; times: number }> = {};
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  for (const [name, criteriaFor] of Object.entries(asked)) {
    progress(`searching ${rows} rows: ${name}`);
    const tookMs: number[] = [];
    const budgetAt = performance.now() + 20_000;
    for (const row of sample) {
      const criteria = criteriaSchema.parse(criteriaFor(row));
      const startedAt = performance.now();
      await ask(warehouse, criteria, Date.now() - 30 * dayMs);
      tookMs.push(performance.now() - startedAt);
      if (performance.now() > budgetAt) break;
    }
    searches[name] = { p50: percentile(tookMs, 0.5), p95: percentile(tookMs, 0.95), times: tookMs.length };
  }
  delay.disable();
  const [size] = await warehouse.query<{ bytes: string; n: string }>(
    "SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS n FROM system.parts WHERE database = 'platestream' AND table = 'reads' AND active",
  );
  progress(`${rows} rows: ${Math.round(folderBytes(folder) / 1e6)} MB on disk with files not yet cleaned up`);
  return {
    rows: Number(size?.n),
    bytesPerRow: Math.round((Number(size?.bytes) / Number(size?.n)) * 10) / 10,
    eventLoopDelayMsMax: Math.round(delay.max / 1e6),
    searches,
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0) * 10) / 10;
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const file = statSync(join(folder, name), { throwIfNoEntry: false });
    return sum + (file?.isFile() ? file.size : 0);
  }, 0);
}

function print(writer: WriterFigures, searches: readonly SearchFigures[]): void {
  const lines = [
    `writer: ${writer.durableRowsPerSecond} durable rows/s, ${writer.searchableRowsPerSecond} rows/s until searchable (${writer.rows} rows); ` +
      `event loop delay p99 ${writer.eventLoopDelayMs.p99} ms, max ${writer.eventLoopDelayMs.max} ms`,
  ];
  for (const { rows, bytesPerRow, eventLoopDelayMsMax, searches: figures } of searches) {
    lines.push(
      `${rows} rows, ${bytesPerRow} bytes a row; event loop delay while searching at most ${eventLoopDelayMsMax} ms`,
    );
    for (const [name, { p50, p95 }] of Object.entries(figures))
      lines.push(`  ${name.padEnd(20)} p50 ${p50} ms, p95 ${p95} ms`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
