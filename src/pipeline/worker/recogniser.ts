import type { Box } from '../../data/box.js';
import type { Candidate } from '../../data/candidate.js';
import type { Look } from '../../data/look.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Recognised, WorkerData } from '../job.js';
import { createDetector } from './detector.js';
import type { Engine } from './engine.js';
import { createReader } from './reader.js';
import { lookingTwice } from './second_look.js';

/** Detector and reader as one: what every thread of the pool runs on a slot, and `platestream read` on a still. */
export interface Recogniser {
  recognise(slot: Uint8Array, layout: SlotLayout, look: Look, motion: readonly Box[]): Promise<Recognised>;
  /** Reads plates whose place is known. */
  readAt(slot: Uint8Array, layout: SlotLayout, boxes: readonly Box[]): Promise<readonly Candidate[]>;
}

/**
 * @param looksOnce stills: small plates are looked at twice, and each plate is read in several framings
 * @throws when the inference library cannot start here
 */
export async function openRecogniser({ models, inference }: WorkerData, looksOnce = false): Promise<Recogniser> {
  const engine = await openEngine({ models, inference });
  const detectOnce = createDetector(engine.detector, models.manifest.detector);
  const detect = looksOnce && engine.detector.anySize ? lookingTwice(detectOnce) : detectOnce;
  const readPlates = createReader(engine.reader, models.manifest.reader, looksOnce);
  return {
    async recognise(slot, layout, look, motion) {
      const startedAt = performance.now();
      const found = await detect(slot, layout, look, motion);
      const detectedAt = performance.now();
      const read = await readPlates(slot, layout, found, look.settled);
      return { ...read, detectMs: detectedAt - startedAt, readMs: performance.now() - detectedAt };
    },
    async readAt(slot, layout, boxes) {
      const given = boxes.map((box) => ({ box, score: 1 }));
      return (await readPlates(slot, layout, given, [])).candidates;
    },
  };
}

/** Only the chosen library is loaded. */
async function openEngine({ models, inference }: WorkerData): Promise<Engine> {
  if (inference === 'onnx') return (await import('./engine_onnx.js')).openOnnxEngine(models);
  return (await import('./engine_tfjs.js')).openTfjsEngine(models);
}
