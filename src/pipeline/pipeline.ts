import { Piscina } from 'piscina';
import type { Box } from '../data/box.js';
import type { Frame } from '../data/frame.js';
import { type Look, lookEverywhere } from '../data/look.js';
import type { FrameOutcome } from '../data/outcome.js';
import { fail, ok, type Result } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { packagePath } from '../package_root.js';
import type { EvidenceImages, Job, JobResult, Recognised, SlotReference } from './job.js';
import { loadModels, type Models } from './models.js';
import type { PipelineSettings } from './settings.js';

/** Where a frame's pixels lie, as this stage needs to know it. */
export interface Slots {
  readonly buffer: SharedArrayBuffer;
  readonly layout: SlotLayout;
}

/** Detector and reader on a pool of threads. */
export interface Pipeline {
  /** Name of the model pair, recorded with each read. */
  readonly model: string;
  readonly inference: string;
  readonly detectorInput: { readonly width: number; readonly height: number };
  /** Never rejects: every ending is an outcome. The slot must stay held until it resolves. */
  submit(frame: Frame, slots: Slots, look?: Look): Promise<FrameOutcome>;
  /** Pictures of a frame whose slot is still held; `null` when they could not be made. */
  evidence(frame: Frame, slots: Slots, box: Box): Promise<EvidenceImages | null>;
  /** Ends the threads once their work is done; a thread in a native call is never stopped. */
  close(): Promise<void>;
}

/** Frames waiting for a thread: cannot exceed the slots that exist; beyond it something is broken. */
const queueMax = 4096;

export async function openPipeline(settings: PipelineSettings): Promise<Result<Pipeline, string>> {
  const models = loadModels(settings.manifest);
  if (!models.ok) return models;
  const inference = settings.inference === 'auto' ? await fastest(models.value) : settings.inference;
  const pool = await openPool(models.value, inference, settings.threads);
  if (!pool.ok) return pool;
  return ok(pipelineOf(pool.value, models.value, inference));
}

async function openPool(models: Models, inference: 'onnx' | 'tfjs', threads: number): Promise<Result<Piscina, string>> {
  const pool = new Piscina({
    filename: packagePath('dist', 'src', 'pipeline', 'worker', 'worker.js'),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    atomics: 'disabled',
    maxQueue: queueMax,
    workerData: { models, inference },
  });
  // A worker that throws while loading would leave later jobs hanging for ever: every thread proves itself first.
  const broken = new Promise<string>((resolve) => pool.once('error', (error: Error) => resolve(error.message)));
  const proven = Promise.all(Array.from({ length: threads }, () => pool.run({ kind: 'warm_up' } satisfies Job))).then(
    () => null,
    (error: Error) => error.message,
  );
  const problem = await Promise.race([broken, proven]);
  if (problem === null) return ok(pool);
  await pool.destroy();
  return fail(`${inference} inference cannot start: ${problem}`);
}

function pipelineOf(pool: Piscina, models: Models, inference: string): Pipeline {
  const { width, height } = models.manifest.detector.input;
  const run = (job: Job) => pool.run(job) as Promise<JobResult>;
  const reference = (frame: Frame, slots: Slots): SlotReference => ({
    buffer: slots.buffer,
    slot: frame.slot,
    layout: slots.layout,
  });
  return {
    model: models.name,
    inference,
    detectorInput: { width, height },
    async submit(frame, slots, look = lookEverywhere) {
      if (look.search === 'nowhere')
        return { kind: 'empty', reason: 'tracked', stageMs: { queue: 0, detect: 0, read: 0 } };
      const submittedAt = performance.now();
      try {
        const result = (await run({
          kind: 'recognise',
          look,
          motion: frame.motion,
          ...reference(frame, slots),
        })) as Recognised;
        return outcomeOf(result, performance.now() - submittedAt);
      } catch (error) {
        return { kind: 'failed', reason: 'engine_error', message: (error as Error).message };
      }
    },
    async evidence(frame, slots, box) {
      try {
        return (await run({ kind: 'evidence', box, ...reference(frame, slots) })) as EvidenceImages;
      } catch {
        return null;
      }
    },
    close: () => pool.close(),
  };
}

function outcomeOf({ candidates, attributed, detectMs, readMs }: Recognised, totalMs: number): FrameOutcome {
  const stageMs = { queue: Math.max(0, totalMs - detectMs - readMs), detect: detectMs, read: readMs };
  if (candidates.length === 0) return { kind: 'empty', reason: 'no_candidate', stageMs };
  if (attributed === 0 && candidates.every((c) => c.alternatives.length === 0))
    return { kind: 'empty', reason: 'nothing_legible', stageMs };
  return { kind: 'read', candidates, stageMs };
}

/** Times both inference libraries on a grey frame and names the faster; one that cannot start is not chosen. */
async function fastest(models: Models): Promise<'onnx' | 'tfjs'> {
  const times = new Map<'onnx' | 'tfjs', number>();
  for (const inference of ['onnx', 'tfjs'] as const) {
    const pool = await openPool(models, inference, 1);
    if (!pool.ok) continue;
    times.set(inference, await timeOf(pool.value, models));
    await pool.value.close();
  }
  return (times.get('tfjs') ?? Number.POSITIVE_INFINITY) < (times.get('onnx') ?? Number.POSITIVE_INFINITY)
    ? 'tfjs'
    : 'onnx';
}

async function timeOf(pool: Piscina, models: Models): Promise<number> {
  const { width, height } = models.manifest.detector.input;
  const luma = width * height;
  const layout: SlotLayout = {
    width,
    height,
    uOffset: luma,
    vOffset: (luma * 5) / 4,
    thumbOffset: (luma * 3) / 2,
    thumbWidth: width,
    thumbHeight: height,
    thumbScale: 1,
    bytes: (luma * 5) / 2,
  };
  const buffer = new SharedArrayBuffer(layout.bytes);
  const job: Job = { kind: 'recognise', look: lookEverywhere, motion: [], buffer, slot: 0, layout };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 6; i++) best = Math.min(best, ((await pool.run(job)) as Recognised).detectMs);
  return best;
}
