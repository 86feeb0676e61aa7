import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { Redis } from 'ioredis';
import { type AlertFigures, type BurstFigures, measureAlerts, measureBurst } from './bench_match_alerts.js';
import { type ImportFigures, measureImport, measureSwap, type SwapFigures } from './bench_match_flow.js';
import { inventedList, inventedPlate, inventedReads } from './bench_match_list.js';
import { claims, measureRates, type Rate, type Rates } from './bench_match_rates.js';
import { type RedisServer, startRedisServer } from './redis_server.js';
import { usageError } from './usage.js';

const hitRates = [0, 0.001, 0.05];
/** What the design says of 16 bits an entry, nine bits in a 512-bit block, by the Poisson model of a block's load. */
const falsePositivesByDesign = 0.000826;

interface ListFigures {
  readonly entries: number;
  readonly bytesPerEntry: number;
  readonly filterBytesPerEntry: number;
  readonly falsePositives: number;
  readonly buildSeconds: number;
  readonly rates: readonly Rates[];
}

interface Figures {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly load: number };
  readonly falsePositivesByDesign: number;
  readonly lists: readonly ListFigures[];
  readonly imported: ImportFigures;
  readonly swap: SwapFigures;
  readonly alerts: AlertFigures;
  readonly burst: BurstFigures;
}

async function measureList(redis: Redis, entries: number, quick: boolean): Promise<ListFigures> {
  const { snapshot, buildMs } = inventedList(entries);
  const key = `plates-${entries}`;
  for (let at = 0; at < entries; at += 10_000)
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        redis.sadd(
          key,
          ...Array.from({ length: 500 }, (_, j) => inventedPlate(Math.min(entries - 1, at + i * 500 + j))),
        ),
      ),
    );
  const set = new Set(snapshot.plates());
  const strangers = inventedReads(entries, quick ? 300_000 : 1_000_000, 0);
  const wrong = strangers.filter((plate) => claims(snapshot, plate)).length;
  const rates: Rates[] = [];
  for (const hitRate of hitRates) {
    const reads = inventedReads(entries, 200_000, hitRate);
    rates.push(await measureRates({ snapshot, set, redis, key }, reads, hitRate, quick ? 500 : 1000));
  }
  await redis.unlink(key);
  const [, filterBytes] = snapshot.header.sections.bloom;
  return {
    entries,
    bytesPerEntry: snapshot.body.byteLength / entries,
    filterBytesPerEntry: filterBytes / entries,
    falsePositives: wrong / strangers.length,
    buildSeconds: buildMs / 1000,
    rates,
  };
}

async function measure(server: RedisServer, folder: string, quick: boolean): Promise<Figures> {
  const progress = (text: string) => void process.stderr.write(`${text}\n`);
  const redis = new Redis(server.url);
  progress('importing 10^6 rows of an invented NCIC extract');
  const imported = await measureImport(folder, 1_000_000);
  progress('swaps');
  const swap = await measureSwap(folder, quick ? 5 : 20);
  progress('reads to alerts');
  const alerts = await measureAlerts(folder, server.url, quick ? 300 : 1000);
  const burst = await measureBurst(folder, 200, quick ? 3 : 9);
  const lists: ListFigures[] = [];
  for (const entries of quick ? [100_000, 1_000_000] : [100_000, 1_000_000, 5_000_000]) {
    progress(`a list of ${entries} plates`);
    lists.push(await measureList(redis, entries, quick));
  }
  redis.disconnect();
  const machine = {
    cpu: cpus()[0]?.model ?? '',
    cores: cpus().length,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
  return { machine, falsePositivesByDesign, lists, imported, swap, alerts, burst };
}

function print({ machine, lists, imported, swap, alerts, burst }: Figures): void {
  const out = (line: string) => process.stdout.write(`${line}\n`);
  const million = ({ perSecond, perCoreSecond }: Rate) =>
    `${(perCoreSecond / 1e6).toFixed(2)} (${(perSecond / 1e6).toFixed(2)})`.padStart(14);
  out(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load}`);
  out('million lookups a second of CPU time of one core (by the clock)');
  out('   entries   hits     in process    Bloom+Redis    plain Redis         JS Set');
  for (const { entries, rates } of lists)
    for (const one of rates) {
      const hits = `${(one.hitRate * 100).toFixed(1)} %`.padStart(6);
      const figures = [one.inProcess, one.bloomAndRedis, one.plainRedis, one.jsSet].map(million).join(' ');
      out(`${String(entries).padStart(10)} ${hits} ${figures}`);
    }
  for (const one of lists)
    out(
      `${one.entries}: ${one.bytesPerEntry.toFixed(1)} bytes an entry, ${one.filterBytesPerEntry.toFixed(2)} of them the filter; ` +
        `false positives ${(one.falsePositives * 100).toFixed(3)} % (design ${(falsePositivesByDesign * 100).toFixed(3)} %); built in ${one.buildSeconds.toFixed(2)} s`,
    );
  const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  out(
    `import of ${imported.rows} NCIC rows (${megabytes(imported.fileBytes)}): ${imported.seconds.toFixed(2)} s (${imported.cpuSeconds.toFixed(2)} s of CPU), memory +${megabytes(imported.memoryBytes)}`,
  );
  const pauses = ({ aboveOneMs, msMax }: SwapFigures['during']) => `${aboveOneMs}, the longest ${msMax.toFixed(2)} ms`;
  out(
    `${swap.swaps} swaps: ${swap.swapMs.toFixed(3)} ms of work each, at most ${swap.swapMsMax.toFixed(3)} ms; ` +
      `pauses above 1 ms between lookups: ${pauses(swap.during)} (in as long without swaps: ${pauses(swap.without)})`,
  );
  const spread = ({ p50, p99 }: { p50: number; p99: number }) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
  out(`read to durable alert: ${spread(alerts.readToAlertMs)}; one sync of this disk alone: ${spread(alerts.syncMs)}`);
  out(
    `${burst.alerts} alerts at once: all durable in ${burst.togetherMs.toFixed(1)} ms; with a sync for each ${burst.oneByOneMs.toFixed(1)} ms`,
  );
}

export const benchMatchCommand = defineCommand({
  meta: {
    name: 'match',
    description: 'Hot-list lookups beside plain Redis and a Set; filter, import, swap, read to alert.',
  },
  args: {
    quick: { type: 'boolean', description: 'lists of 10^5 and 10^6 only, shorter measurements' },
    json: { type: 'boolean', description: 'one JSON object' },
  },
  async run({ args }) {
    const server = await startRedisServer('--save', '').catch((error: Error) =>
      usageError(`bench match: ${error.message}`),
    );
    const folder = mkdtempSync(join(tmpdir(), 'platestream-bench-match-'));
    try {
      const figures = await measure(server, folder, args.quick === true);
      if (args.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
      else print(figures);
    } finally {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
});
