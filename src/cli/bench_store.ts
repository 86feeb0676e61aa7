import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { openWarehouse } from '../store/clickhouse.js';
import { migrate } from '../store/schema/migrations.js';
import { storeSettings } from '../store/settings.js';
import { fillTo, howGenerated } from './bench_store_generated.js';
import { benchSearches, type SearchFigures } from './bench_store_searches.js';
import { benchWriter, type WriterFigures } from './bench_store_writer.js';

type Progress = (text: string) => void;

/**
 * Two measurements, kept apart: rows a second through the writer (each one durable before it counts), and search times over rows
 * generated inside ClickHouse.
 */
export const benchStoreCommand = defineCommand({
  meta: { name: 'store', description: 'Durable rows/s of the writer, bytes a row, search times over generated reads.' },
  args: {
    rows: { type: 'string', description: 'generated rows to search, e.g. 1e6 (several: 1e6,1e7)', default: '1e6,1e7' },
    quick: { type: 'boolean', description: '10^6 rows only', default: false },
    data: { type: 'string', description: 'keep the generated rows in this folder, and use those that are there' },
    only: { type: 'enum', options: ['writer', 'searches'], description: 'one of the two measurements' },
    json: { type: 'boolean', description: 'one JSON object', default: false },
  },
  async run({ args }) {
    const sizes = (args.quick ? '1e6' : args.rows).split(',').map(Number);
    if (sizes.some((rows) => !Number.isInteger(rows) || rows < 10_000 || rows > 1e9)) {
      process.stderr.write(`--rows: whole numbers from 1e4 to 1e9, separated by commas; got "${args.rows}"\n`);
      process.exitCode = 2;
      return;
    }
    const progress: Progress = (text) => void process.stderr.write(`${text}\n`);
    // One process holds one data directory: the writer's store is closed before the generated one is opened.
    const written = args.quick ? 100_000 : 300_000;
    const writer =
      args.only === 'searches' ? null : await inFolder(undefined, (folder) => benchWriter(folder, written, progress));
    const searches =
      args.only === 'writer' ? [] : await inFolder(args.data, (folder) => searchesOver(folder, sizes, progress));
    const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version, load: load() };
    if (args.json) process.stdout.write(`${JSON.stringify({ machine, writer, generated: howGenerated, searches })}\n`);
    else print(writer, searches);
  },
});

/** What else the machine does: figures of a busy machine are another machine's. */
function load(): number[] {
  return loadavg().map((value) => Math.round(value * 10) / 10);
}

async function inFolder<Value>(kept: string | undefined, work: (folder: string) => Promise<Value>): Promise<Value> {
  if (kept !== undefined) {
    mkdirSync(kept, { recursive: true });
    return work(kept);
  }
  const folder = mkdtempSync(join(tmpdir(), 'platestream-bench-store-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function searchesOver(folder: string, sizes: readonly number[], progress: Progress): Promise<SearchFigures[]> {
  const warehouse = await openWarehouse(warehouseOptions(folder));
  try {
    const migrated = await migrate(warehouse, { cluster: undefined });
    if (!migrated.ok) throw new Error(migrated.error);
    const figures: SearchFigures[] = [];
    const ascending = [...sizes].sort((a, b) => a - b);
    for (const rows of ascending) {
      await fillTo(warehouse, rows, ascending.at(-1) ?? rows, progress);
      figures.push(await benchSearches(warehouse, rows, progress));
    }
    return figures;
  } finally {
    await warehouse.close();
  }
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

function print(writer: WriterFigures | null, searches: readonly SearchFigures[]): void {
  const lines: string[] = [];
  if (writer !== null)
    lines.push(
      `writer: ${writer.durableRowsPerSecond} durable rows/s, ${writer.searchableRowsPerSecond} rows/s until searchable (${writer.rows} rows); ` +
        `${writer.cpuMicrosecondsPerRow} µs of CPU a row; ` +
        `event loop delay p99 ${writer.eventLoopDelayMs.p99} ms, max ${writer.eventLoopDelayMs.max} ms`,
    );
  if (searches.length > 0) lines.push(howGenerated);
  for (const { rows, bytesPerRow, eventLoopDelayMsMax, searches: figures } of searches) {
    lines.push(
      `${rows} rows, ${bytesPerRow} bytes a row; event loop delay while searching at most ${eventLoopDelayMsMax} ms`,
    );
    for (const [name, { p50, p95, times, failed }] of Object.entries(figures))
      lines.push(
        `  ${name.padEnd(20)} p50 ${p50} ms, p95 ${p95} ms, ${times} times${failed > 0 ? `, ${failed} failed` : ''}`,
      );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}
