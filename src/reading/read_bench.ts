import { type EngineFlow, startEngineFlow } from '../engine/flow.js';
import { cameraSettings } from '../ingest/settings.js';
import { openVideoSource } from '../ingest/video_source.js';
import { silentLog } from '../observe/log.js';
import { type AllStageTimes, type Stage, stages } from '../observe/stage_times.js';
import type { Pipeline } from '../pipeline/pipeline.js';

/** What the pipeline did with one clip, played over and over as fast as it goes. CPU is of the whole process, every thread of it. */
export interface ClipFigures {
  readonly frames: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly framesPerSecond: number;
  /** Frames for each second of one core's time; what a core would do if nothing else ran on it. */
  readonly framesPerSecondPerCore: number;
  readonly reads: number;
  /** Mean over all frames, so that they add up to the frame; a stage that most frames skip shows a small number. */
  readonly msPerFrame: Readonly<Record<Stage, number>>;
}

/** Plays `file` for `seconds` through gate, detector, reader and tracker, every frame looked at. */
export async function benchPipeline(
  pipeline: Pipeline,
  files: readonly string[],
  seconds: number,
): Promise<ClipFigures> {
  let reads = 0;
  const flow = startEngineFlow({
    cameras: files.map((url, i) =>
      cameraSettings.parse({ id: `bench-${i + 1}`, url, paced: false, loop: true, analysedFps: 60, slots: 4 }),
    ),
    pipeline,
    run: 'bench',
    onReport: ({ stage }) => {
      if (stage === 'final') reads += 1;
    },
    log: silentLog,
  });
  await pause(Math.min(1000, seconds * 200));
  const before = sample(flow);
  const readsBefore = reads;
  await pause(seconds * 1000);
  const after = sample(flow);
  await flow.stop('measured');
  const [frames, wallSeconds] = [after.frames - before.frames, (after.wallMs - before.wallMs) / 1000];
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds;
  return {
    ...rates(frames, wallSeconds, cpuSeconds),
    reads: reads - readsBefore,
    msPerFrame: msPerFrame(before.stages, after.stages, frames),
  };
}

/** The same decoder, on the same clip, with nothing behind it: what no pipeline can pass. */
export async function benchDecoder(file: string, seconds: number) {
  const settings = cameraSettings.parse({ id: 'decode', url: file });
  const startedAtMs = performance.now();
  const cpuBefore = cpuSecondsNow();
  let frames = 0;
  while (performance.now() - startedAtMs < seconds * 1000) {
    const source = await openVideoSource(settings, { signal: new AbortController().signal });
    if (!source.ok) throw new Error(source.error);
    while (!('ended' in (await source.value.next()))) frames += 1;
    await source.value.close();
  }
  return rates(frames, (performance.now() - startedAtMs) / 1000, cpuSecondsNow() - cpuBefore);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const cpuSecondsNow = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

function sample(flow: EngineFlow) {
  const frames = flow.status().reduce((sum, { counts }) => sum + counts.captured - counts.inFlight, 0);
  return { frames, wallMs: performance.now(), cpuSeconds: cpuSecondsNow(), stages: flow.stages() };
}

function rates(frames: number, wallSeconds: number, cpuSeconds: number) {
  return {
    frames,
    wallSeconds,
    cpuSeconds,
    framesPerSecond: frames / wallSeconds,
    framesPerSecondPerCore: frames / cpuSeconds,
  };
}

function msPerFrame(before: AllStageTimes, after: AllStageTimes, frames: number): Record<Stage, number> {
  const ms = (stage: Stage) => 1000 * ((after[stage]?.seconds ?? 0) - (before[stage]?.seconds ?? 0));
  return Object.fromEntries(stages.map((stage) => [stage, ms(stage) / Math.max(1, frames)])) as Record<Stage, number>;
}
