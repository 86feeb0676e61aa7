import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { assert } from '../data/result.js';
import { policyAlone } from '../hot_lists/authority.js';
import { listHome } from '../hot_lists/hot_lists.js';
import { inThread } from '../hot_lists/tasks.js';
import { loadSigningKey } from '../ledger/signing_key.js';
import { ListFolder } from '../match/list_folder.js';
import { Matcher } from '../match/matcher.js';
import { packFirst, packRest } from '../match/plate.js';
import { hotListSettings } from '../match/settings.js';
import { Snapshot } from '../match/snapshot/snapshot.js';
import { systemClock } from '../observe/clock.js';
import { packagePath } from '../package_root.js';
import { loadPolicy } from '../policy/policy_file.js';
import { spreadOf } from '../sizing/spread.js';
import { inventedPlate } from './bench_match_list.js';

/** Of every measurement here; an address that is never asked. */
export const benchSettings = hotListSettings.parse({
  sources: [{ name: 'ncic', format: 'ncic' }],
  redis: { url: 'redis://unused' },
});

export interface ImportFigures {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly fileBytes: number;
  /** How much more memory the process held at its peak than before; the list itself included. */
  readonly memoryBytes: number;
}

/** An invented NCIC extract, imported as `hotlist import` does, in a thread: parsed, built, signed, durable. */
export async function measureImport(folder: string, rows: number): Promise<ImportFigures> {
  const file = join(folder, 'extract.txt');
  const fileBytes = await writeExtract(file, rows);
  const policy = loadPolicy(packagePath('policies', '41-12.yaml'));
  assert(policy.ok, 'the shipped policy is valid');
  const [source] = benchSettings.sources;
  assert(source, 'a source was configured');
  const beforeBytes = process.memoryUsage.rss();
  let peakBytes = beforeBytes;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 20);
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const answer = await inThread('import', {
    file,
    job: {
      home: listHome(benchSettings, folder),
      source,
      policy: policyAlone(policy.value).categories(),
      rejectedShareMax: 0.02,
      compiledAtMs: null,
      approvedBy: null,
      dryRun: false,
    },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  assert(answer.ok && answer.value.kept === rows, 'every row was loaded');
  return { rows, seconds, cpuSeconds: (user + system) / 1e6, fileBytes, memoryBytes: peakBytes - beforeBytes };
}

async function writeExtract(file: string, rows: number): Promise<number> {
  const out = createWriteStream(file);
  const states = ['MA', 'NH', 'NY', 'CT', '0H'];
  const makes = ['FORD', 'TOYT', 'HOND', 'CHEV', 'NISS', 'JEEP', 'SUBA'];
  out.write(`INVENTED EXTRACT ${new Date().toISOString().slice(0, 10).replaceAll('-', '')}\n`);
  for (let at = 0; at < rows; at += 10_000) {
    let text = '';
    for (let i = at; i < Math.min(rows, at + 10_000); i++) {
      const code = 'VPWMH'[i % 5];
      const model = `M${i % 90}`.padEnd(3);
      const plate = inventedPlate(i).padEnd(10);
      text += `${code}${' '.repeat(18)}20251231${plate}${states[i % 5]}      2026${makes[i % 7]}${model}  ${['BLK', 'WHI', 'SIL'][i % 3]}\n`;
    }
    if (!out.write(text)) await new Promise<void>((resolve) => out.once('drain', () => resolve()));
  }
  out.end();
  await finished(out);
  return out.bytesWritten;
}

export interface SwapFigures {
  readonly swaps: number;
  /** Work that a swap does on the thread that matches: the median and the longest. */
  readonly swapMs: number;
  readonly swapMsMax: number;
  /** While versions were read, checked and swapped in, and in as long a time without. */
  readonly during: Pauses;
  readonly without: Pauses;
}

/** Times between one lookup and the next, while the thread does nothing but look up and turn its event loop. */
interface Pauses {
  readonly aboveOneMs: number;
  readonly msMax: number;
}

/** Lookups go on without a pause while another thread loads the imported version and this one takes it, again and again. */
export async function measureSwap(folder: string, swaps: number): Promise<SwapFigures> {
  const home = listHome(benchSettings, folder);
  const { publicPem } = loadSigningKey(home.signingKeyFile);
  const file = new ListFolder(home.folder).current()?.file;
  assert(file, 'a version was imported');
  const load = async () => {
    const sealed = await inThread('load', { file, publicPem });
    assert(sealed.ok, 'the version is whole');
    return sealed.value;
  };
  const matcher = new Matcher(benchSettings, systemClock);
  const first = await load();
  matcher.use(new Snapshot(first.header, first.body));
  const workMs: number[] = [];
  const startedAt = performance.now();
  const looking = lookups(matcher);
  for (let i = 0; i < swaps; i++) {
    const next = await load();
    const from = performance.now();
    matcher.use(new Snapshot(next.header, next.body));
    workMs.push(performance.now() - from);
  }
  const during = await looking.stop();
  const lookingAlone = lookups(matcher);
  await new Promise((resolve) => setTimeout(resolve, performance.now() - startedAt));
  const without = await lookingAlone.stop();
  const { p50: swapMs, max: swapMsMax } = spreadOf(workMs);
  return { swaps, swapMs, swapMsMax, during, without };
}

function lookups(matcher: Matcher): { stop(): Promise<Pauses> } {
  const plates = Array.from({ length: 50 }, (_, i) => inventedPlate(i * 31));
  let [msMax, aboveOneMs, lastMs, isOver] = [0, 0, performance.now(), false];
  const done = (async () => {
    while (!isOver) {
      for (const plate of plates) matcher.snapshot?.has(packFirst(plate), packRest(plate));
      const nowMs = performance.now();
      msMax = Math.max(msMax, nowMs - lastMs);
      if (nowMs - lastMs > 1) aboveOneMs += 1;
      lastMs = nowMs;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  return {
    async stop() {
      isOver = true;
      await done;
      return { aboveOneMs, msMax };
    },
  };
}
