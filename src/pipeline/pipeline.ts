import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import type { Box } from '../data/box.js';
import type { Frame } from '../data/frame.js';
import { type Look, lookEverywhere } from '../data/look.js';
import type { FrameOutcome } from '../data/outcome.js';
import { ok, type Result } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { loadModelsFor } from './expected_regions.js';
import { fastestInference } from './inference_choice.js';
import type { EvidenceImages, Job, JobResult, Recognised, SlotReference } from './job.js';
import type { Models } from './models.js';
import { openPool } from './pool.js';
import type { PipelineSettings } from './settings.js';

/** Where a frame's pixels lie, as this stage needs to know it. */
interface Slots {
  readonly buffer: SharedArrayBuffer;
  readonly layout: SlotLayout;
}

/** Detector and reader on a pool of threads. */
export interface Pipeline {
  /** Name of the model pair, recorded with each read. */
  readonly model: string;
  readonly inference: string;
  /** Frames that are worked on at the same time. */
  readonly threads: number;
  readonly detectorInput: { readonly width: number; readonly height: number };
  /** Never rejects: every ending is an outcome. The slot must stay held until it resolves. */
  submit(frame: Frame, slots: Slots, look?: Look): Promise<FrameOutcome>;
  /** Pictures of a frame whose slot is still held; `null` when they could not be made. */
  evidence(frame: Frame, slots: Slots, box: Box): Promise<EvidenceImages | null>;
  /** A whole frame as a JPEG of at most 960 pixels across; `null` when it could not be made. */
  picture(slots: Slots, slot: number): Promise<Uint8Array | null>;
  /** Ends the threads once their work is done; a thread in a native call is never stopped. */
  close(): Promise<void>;
}

const threadsAutoMax = 16;

/** @param choiceFile where what `auto` measured is remembered, so that the next start need not measure; `null`: nowhere */
export async function openPipeline(
  settings: PipelineSettings,
  choiceFile: string | null = null,
): Promise<Result<Pipeline, string>> {
  const models = loadModelsFor(settings.manifest, settings.regions);
  if (!models.ok) return models;
  const inference =
    settings.inference === 'auto' ? await fastestInference(models.value, choiceFile) : settings.inference;
  const pool = await openPool(models.value, inference, threadsOf(settings));
  if (!pool.ok) return pool;
  return ok(pipelineOf(pool.value, models.value, inference));
}

/** More than one a core only take turns. */
function threadsOf({ threads }: PipelineSettings): number {
  return threads === 'auto' ? Math.min(threadsAutoMax, availableParallelism()) : threads;
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
    threads: pool.maxThreads,
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
    async picture({ buffer, layout }, slot) {
      try {
        return (await run({ kind: 'picture', buffer, slot, layout })) as Uint8Array;
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
