import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../governed/demo_department.js';
import { type AlertClient, openAlertClient } from './alert_client.js';
import type { SizingClip } from './clip.js';
import type { CameraKind } from './kind.js';
import { machineUse, type ProcessUse, processUse } from './process_use.js';
import { type Program, type Simulator, startProgram } from './program.js';
import type { Scrape } from './scrape.js';
import { type Spread, spreadOf } from './spread.js';
import { scrapeOf } from './watch.js';

/** What one step of the ramp showed: so many cameras, for so many seconds. */
export interface StepFigures {
  readonly cameras: number;
  readonly seconds: number;
  readonly frames: {
    /** What the cameras sent to be analysed. */
    readonly sent: number;
    readonly captured: number;
    readonly analysed: number;
    /** Captured frames that were shed, by reason. */
    readonly dropped: Readonly<Record<string, number>>;
    readonly failed: number;
  };
  /** Share of the sent frames that were not analysed, 0..1. */
  readonly lostShare: number;
  /** Engines that died meanwhile and were started again: what they used is not known. */
  readonly engineRestarts: number;
  readonly alerts: number;
  /** Capture of the frame that settled the text, to the alert's bytes at a client. */
  readonly latencyMs: Spread;
  /** The same from the best frame of the pass. */
  readonly bestFrameLatencyMs: Spread;
  /** Cores in use. `other` is everything on this machine that is not part of the run. */
  readonly cores: Readonly<Record<'control' | 'engine' | 'simulator' | 'other' | 'idle', number>>;
  /** Share of a core of the busiest single thread of the program, 0..1. */
  readonly busiestThread: number;
  /** Share of a core of the engine's main thread, 0..1. */
  readonly engineMainThread: number;
  /** Seconds a second that frames spent in each stage (work; `queue` is waiting). */
  readonly stages: Readonly<Record<string, number>>;
  readonly rssBytes: { readonly control: number; readonly engine: number };
}

export interface StepOptions {
  readonly cameras: number;
  readonly kind: CameraKind;
  readonly clip: SizingClip;
  readonly simulator: Simulator;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly engine: { readonly inference: string; readonly threads?: number };
}

const playingMsMax = 30_000;
const settledMsMax = 15_000;
const calmMs = 2000;

/** Runs the whole program with so many cameras, measures it and ends it. @throws one line when it could not be measured. */
export async function measureStep(options: StepOptions): Promise<StepFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-sizing-'));
  let program: Program | null = null;
  let client: AlertClient | null = null;
  try {
    const config = configOf(options, folder);
    const signIn = await prepareDemoDepartment(config, cameraIds(options.cameras));
    program = await startProgram(folder, config);
    client = await openAlertClient(program.address, await signIn(program.address));
    await allPlaying(program.address, options.cameras);
    await pause(options.warmUpMs);
    await settled(program.address);
    const before = await lookAt(program, options.simulator);
    client.take();
    await pause(options.measureMs);
    const times = client.take();
    const after = await lookAt(program, options.simulator);
    return figuresOf(options, before, after, times);
  } finally {
    client?.close();
    await program?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Cameras and an operator as the policy wants them; without, not one frame would be decoded. */
function cameraIds(cameras: number): string[] {
  return Array.from({ length: cameras }, (_, index) => `sizing-${index + 1}`);
}

function configOf({ cameras, kind, clip, simulator, engine }: StepOptions, folder: string) {
  const hotList = join(folder, 'hot-list.csv');
  mkdirSync(join(folder, 'data'));
  const lines = clip.plates.map((plate) => `${plate},MA,stolen_vehicle,BENCH,an invented plate of the sizing clip`);
  writeFileSync(hotList, `plate,state,category,source,reason\n${lines.join('\n')}\n`);
  return {
    dataDir: join(folder, 'data'),
    log: 'error',
    server: { port: 0 },
    engine,
    // Every pass alerts, so that each one gives a latency.
    alerts: { coolDownSeconds: 0, canaryEverySeconds: 0 },
    ...(clip.plates.length > 0 ? { hotList: { file: hotList } } : {}),
    cameras: simulator.urls.slice(0, cameras).map((url, i) => ({ id: `sizing-${i + 1}`, url, analysedFps: kind.fps })),
  };
}

async function allPlaying(address: string, cameras: number): Promise<void> {
  const deadline = performance.now() + playingMsMax;
  for (;;) {
    const scrape = await scrapeOf(address);
    const playing = scrape.sum('platestream_camera_state', { state: 'playing' });
    if (playing === cameras) return;
    if (performance.now() > deadline)
      throw new Error(`only ${playing} of ${cameras} cameras played after ${playingMsMax} ms`);
    await pause(200);
  }
}

/** Cameras that connect all at once are a jam of their own: until no frame has been dropped for a while, or what is dropped is here to stay. */
async function settled(address: string): Promise<void> {
  const dropped = async () => (await scrapeOf(address)).sum('platestream_frames_total', { outcome: 'dropped' });
  const deadline = performance.now() + settledMsMax;
  let before = await dropped();
  for (let calmSince = performance.now(); performance.now() - calmSince < calmMs && performance.now() < deadline; ) {
    await pause(250);
    const now = await dropped();
    if (now !== before) calmSince = performance.now();
    before = now;
  }
}

interface Look {
  readonly atMs: number;
  readonly scrape: Scrape;
  readonly machine: ReturnType<typeof machineUse>;
  readonly control: ProcessUse | null;
  readonly engines: readonly (ProcessUse & { readonly pid: number })[];
  readonly simulator: ProcessUse | null;
}

async function lookAt(program: Program, simulator: Simulator): Promise<Look> {
  const scrape = await scrapeOf(program.address);
  const engines = program.engines().flatMap((pid) => {
    const use = processUse(pid);
    return use ? [{ ...use, pid }] : [];
  });
  return {
    atMs: performance.now(),
    scrape,
    machine: machineUse(),
    control: processUse(program.pid),
    engines,
    simulator: processUse(simulator.pid),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function figuresOf(
  { cameras, kind }: StepOptions,
  before: Look,
  after: Look,
  times: { readonly settledMs: readonly number[]; readonly bestMs: readonly number[] },
): StepFigures {
  const seconds = (after.atMs - before.atMs) / 1000;
  const counted = (name: string, labels = {}) => after.scrape.sum(name, labels) - before.scrape.sum(name, labels);
  const captured = counted('platestream_frames_captured_total');
  const ended = (outcome: string) => counted('platestream_frames_total', { outcome });
  const [dropped, failed] = [ended('dropped'), ended('failed')];
  const inFlight = counted('platestream_frames_in_flight');
  const sent = Math.round(seconds * kind.fps * cameras);
  const analysed = captured - dropped - failed - inFlight;
  return {
    cameras,
    seconds,
    frames: { sent, captured, analysed, dropped: droppedBy(before.scrape, after.scrape), failed },
    // One frame a camera may fall on either side of the moment of measuring.
    lostShare: Math.max(0, sent - Math.max(0, inFlight) - analysed - cameras) / sent,
    engineRestarts: counted('platestream_engine_restarts_total'),
    alerts: times.settledMs.length,
    latencyMs: spreadOf(times.settledMs),
    bestFrameLatencyMs: spreadOf(times.bestMs),
    cores: coresOf(before, after, seconds),
    busiestThread: busiest([...pairs(before, after)]) / seconds,
    engineMainThread: mainThread(before, after) / seconds,
    stages: stagesOf(before.scrape, after.scrape, seconds),
    rssBytes: {
      control: after.control?.rssBytes ?? 0,
      engine: after.engines.reduce((sum, { rssBytes }) => sum + rssBytes, 0),
    },
  };
}

function droppedBy(before: Scrape, after: Scrape): Record<string, number> {
  const reasons = new Set(
    after
      .all('platestream_frames_total')
      .filter(({ labels }) => labels['outcome'] === 'dropped')
      .map(({ labels }) => labels['reason'] ?? ''),
  );
  const counted = [...reasons].map((reason) => {
    const labels = { outcome: 'dropped', reason };
    return [reason, after.sum('platestream_frames_total', labels) - before.sum('platestream_frames_total', labels)];
  });
  return Object.fromEntries(counted.filter(([, count]) => Number(count) > 0));
}

function coresOf(before: Look, after: Look, seconds: number): StepFigures['cores'] {
  const used = (a: ProcessUse | null, b: ProcessUse | null) => ((b?.cpuSeconds ?? 0) - (a?.cpuSeconds ?? 0)) / seconds;
  const control = used(before.control, after.control);
  const simulator = used(before.simulator, after.simulator);
  const engine = [...enginePairs(before, after)].reduce((sum, [a, b]) => sum + used(a, b), 0);
  const busy = (after.machine.busySeconds - before.machine.busySeconds) / seconds;
  const idle = (after.machine.idleSeconds - before.machine.idleSeconds) / seconds;
  return { control, engine, simulator, other: Math.max(0, busy - control - engine - simulator), idle };
}

function* enginePairs(before: Look, after: Look): Iterable<readonly [ProcessUse, ProcessUse]> {
  for (const engine of after.engines) {
    const earlier = before.engines.find(({ pid }) => pid === engine.pid);
    if (earlier) yield [earlier, engine];
  }
}

function* pairs(before: Look, after: Look): Iterable<readonly [ProcessUse, ProcessUse]> {
  if (before.control && after.control) yield [before.control, after.control];
  yield* enginePairs(before, after);
}

/** CPU seconds of the busiest single thread. */
function busiest(uses: readonly (readonly [ProcessUse, ProcessUse])[]): number {
  return Math.max(
    0,
    ...uses.flatMap(([a, b]) => [...b.threads].map(([tid, cpuSeconds]) => cpuSeconds - (a.threads.get(tid) ?? 0))),
  );
}

function mainThread(before: Look, after: Look): number {
  return Math.max(
    0,
    ...after.engines.map(
      ({ pid, threads }) =>
        (threads.get(pid) ?? 0) - (before.engines.find((e) => e.pid === pid)?.threads.get(pid) ?? 0),
    ),
  );
}

function stagesOf(before: Scrape, after: Scrape, seconds: number): Record<string, number> {
  const name = 'platestream_stage_duration_seconds_sum';
  return Object.fromEntries(
    after.all(name).map(({ labels, value }) => [labels['stage'] ?? '', (value - before.sum(name, labels)) / seconds]),
  );
}

/** Cores this process may use. */
export const coreCount = (): number => availableParallelism();
