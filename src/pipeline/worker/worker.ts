import { workerData } from 'node:worker_threads';
import type { Job, JobResult, SlotReference, WorkerData } from '../job.js';
import { createDetector } from './detector.js';
import type { Engine } from './engine.js';
import { evidenceOf } from './evidence.js';
import { createReader } from './reader.js';

/** One thread of the pool: a detector and a reader of its own. Piscina hands its `workerData` as the second of a pair. */
const { models, inference } = (Array.isArray(workerData) ? workerData[1] : workerData) as WorkerData;

async function openEngine(): Promise<Engine> {
  if (inference === 'onnx') return (await import('./engine_onnx.js')).openOnnxEngine(models);
  return (await import('./engine_tfjs.js')).openTfjsEngine(models);
}

const engine = await openEngine();
const detect = createDetector(engine.detector, models.manifest.detector);
const readPlates = createReader(engine.reader, models.manifest.reader);

const view = ({ buffer, slot, layout }: SlotReference) => new Uint8Array(buffer, slot * layout.bytes, layout.bytes);

export default async function work(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'warm_up':
      return null;
    case 'evidence':
      return evidenceOf(view(job), job.layout, job.box);
    case 'recognise': {
      const pixels = view(job);
      const startedAt = performance.now();
      const found = await detect(pixels, job.layout, job.look, job.motion);
      const detectedAt = performance.now();
      const read = await readPlates(pixels, job.layout, found, job.look.settled);
      const readMs = performance.now() - detectedAt;
      return { ...read, detectMs: detectedAt - startedAt, readMs };
    }
  }
}
