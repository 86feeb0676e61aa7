import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../governed/demo_department.js';
import { type RtspServerHandle, startRtspServer } from '../simulator/rtsp/server.js';
import { planFlaps } from './flap_plan.js';
import { type Flapping, type FlappingResult, startFlapping } from './flapping.js';
import { childrenOf, type Handles, handlesOf, processUse } from './process_use.js';
import { type Program, startProgram } from './program.js';
import type { Scrape } from './scrape.js';
import { startWatch, type Watch } from './watch.js';

export interface SoakOptions {
  readonly clips: readonly string[];
  readonly cameras: number;
  readonly fps: number;
  readonly minutes: number;
  /** So many simulated hours of cameras that come and go, within about the same minutes; `null`: they just play. */
  readonly flaps: { readonly hours: number; readonly everyMinutes: number; readonly seed: number } | null;
  readonly onSample: (sample: SoakSample) => void;
}

export interface SoakSample {
  readonly second: number;
  readonly controlRssBytes: number;
  readonly engineRssBytes: number;
  /** Descriptors and sockets of control and engine; threads of the engine, since embedded ClickHouse has a pool of its own in control. */
  readonly handles: Handles;
  readonly playing: number;
  readonly captured: number;
  readonly dropped: number;
  readonly faults: number;
  readonly simulatedHours: number;
}

export interface SoakResult {
  readonly samples: readonly SoakSample[];
  /** From this second on the memory is judged: five minutes, or half of a shorter run. */
  readonly judgedFromSecond: number;
  /** Mean of the last minute against the mean of the minute the judging starts with, control and engine together. */
  readonly growthShare: number;
  /** Median of the last quarter of the samples less that of the first quarter after the start. */
  readonly handleGrowth: Handles;
  /** Looks at the metrics, and cameras that did not balance in one: captured = in flight + read + empty + dropped + failed. */
  readonly looks: number;
  readonly unbalanced: readonly string[];
  readonly engineRestarts: number;
  readonly flapping: (FlappingResult & { readonly hours: number; readonly minutes: number }) | null;
  /** What the program said when it was stopped. */
  readonly summary: unknown;
}

const sampleEveryMs = 10_000;
const lookEveryMs = 250;
const playingMsMax = 60_000;

/** Runs the whole program with simulated cameras for minutes and watches what it holds. @throws one line when it does not start. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-soak-'));
  const server = await startRtspServer({ clips: options.clips, cameras: options.cameras, seed: 1 });
  try {
    const config = configOf(options, server.urls, folder);
    const cameraIds = config.cameras.map(({ id }) => id);
    await prepareDemoDepartment(config, cameraIds);
    const program = await startProgram(folder, config);
    const watch = await startWatch(program.address, lookEveryMs);
    const allPlay = (scrape: Scrape) => playing(scrape) === options.cameras;
    if (!(await watch.until(allPlay, playingMsMax))) throw new Error('not all cameras played within a minute');
    const run = { options, program, watch, flapping: startFlaps(options, server, watch, cameraIds) };
    const { samples, flapping } = await sampleToTheEnd(run);
    watch.stop();
    const engineRestarts = watch.latest().sum('platestream_engine_restarts_total');
    const said = await program.stop();
    return {
      samples,
      ...judge(samples),
      looks: watch.looks(),
      unbalanced: watch.unbalanced(),
      engineRestarts,
      flapping,
      summary: summaryIn(said),
    };
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf({ fps, flaps }: SoakOptions, urls: readonly string[], folder: string) {
  mkdirSync(join(folder, 'data'));
  // Every second flapping camera sends over UDP, where nobody says that a camera has gone.
  const transport = (i: number) => (flaps !== null && i % 2 === 1 ? 'udp' : 'tcp');
  return {
    dataDir: join(folder, 'data'),
    log: 'error',
    server: { port: 0 },
    engine: { inference: 'onnx' },
    cameras: urls.map((url, i) => ({ id: `soak-${i + 1}`, url, analysedFps: fps, transport: transport(i) })),
  };
}

function startFlaps(
  { cameras, minutes, flaps }: SoakOptions,
  server: RtspServerHandle,
  watch: Watch,
  cameraIds: readonly string[],
): Flapping | null {
  if (flaps === null) return null;
  const plan = planFlaps({ cameras, ...flaps });
  return startFlapping({ server, watch, cameraIds, plan, speedUp: (flaps.hours * 60) / minutes });
}

interface Run {
  readonly options: SoakOptions;
  readonly program: Program;
  readonly watch: Watch;
  readonly flapping: Flapping | null;
}

/** A sample every ten seconds, until the time is up and every planned fault is over. */
async function sampleToTheEnd({ options, program, watch, flapping }: Run) {
  const samples: SoakSample[] = [];
  let flaps: FlappingResult | null = null;
  const flapsOver = flapping?.ended.then((result) => {
    flaps = result;
  });
  const startedAtMs = performance.now();
  for (let next = sampleEveryMs; next <= options.minutes * 60_000 || (flapping && !flaps); next += sampleEveryMs) {
    await watch.until(() => false, startedAtMs + next - performance.now());
    const sample = sampleOf(Math.round(next / 1000), program.pid, watch.latest(), flapping);
    samples.push(sample);
    options.onSample(sample);
  }
  await flapsOver;
  const minutes = (performance.now() - startedAtMs) / 60_000;
  return { samples, flapping: flaps && { ...(flaps as FlappingResult), hours: options.flaps?.hours ?? 0, minutes } };
}

function sampleOf(second: number, pid: number, scrape: Scrape, flapping: Flapping | null): SoakSample {
  const rss = (process: number) => processUse(process)?.rssBytes ?? 0;
  const children = childrenOf(pid);
  const engines = sumOf(children.map(handlesOf));
  const { faults, simulatedMs } = flapping?.progress() ?? { faults: 0, simulatedMs: 0 };
  return {
    second,
    controlRssBytes: rss(pid),
    engineRssBytes: children.reduce((sum, child) => sum + rss(child), 0),
    handles: { ...sumOf([handlesOf(pid), engines]), threads: engines.threads },
    playing: playing(scrape),
    captured: scrape.sum('platestream_frames_captured_total'),
    dropped: scrape.sum('platestream_frames_total', { outcome: 'dropped' }),
    faults,
    simulatedHours: simulatedMs / 3_600_000,
  };
}

function playing(scrape: Scrape): number {
  return scrape.sum('platestream_camera_state', { state: 'playing' });
}

function sumOf(all: readonly Handles[]): Handles {
  return handlesBy((of) => all.reduce((sum, one) => sum + of(one), 0));
}

function handlesBy(value: (of: (handles: Handles) => number) => number): Handles {
  return {
    descriptors: value((one) => one.descriptors),
    sockets: value((one) => one.sockets),
    threads: value((one) => one.threads),
  };
}

function judge(samples: readonly SoakSample[]): Pick<SoakResult, 'judgedFromSecond' | 'growthShare' | 'handleGrowth'> {
  const end = samples.at(-1)?.second ?? 0;
  const judgedFromSecond = Math.min(300, end / 2);
  const early = samples.filter(({ second }) => second > judgedFromSecond && second <= judgedFromSecond + 60);
  const late = samples.filter(({ second }) => second > end - 60);
  const quarter = Math.ceil(samples.length / 4);
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const handleGrowth = handlesBy((of) => median(last, of) - median(first, of));
  return { judgedFromSecond, growthShare: meanRss(late) / meanRss(early) - 1, handleGrowth };
}

function median(samples: readonly SoakSample[], of: (handles: Handles) => number): number {
  const sorted = samples.map(({ handles }) => of(handles)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function meanRss(samples: readonly SoakSample[]): number {
  const total = samples.reduce((sum, { controlRssBytes, engineRssBytes }) => sum + controlRssBytes + engineRssBytes, 0);
  return total / Math.max(1, samples.length);
}

function summaryIn(output: string): unknown {
  const line = output.split('\n').findLast((one) => one.startsWith('{"cameras"'));
  return line === undefined ? null : JSON.parse(line);
}
