import { workerData } from 'node:worker_threads';
import type { Job, JobResult, SlotReference, WorkerData } from '../job.js';
import { evidenceOf, pictureOf } from './evidence.js';
import { openRecogniser } from './recogniser.js';

/** One thread of the pool: a detector and a reader of its own. Piscina hands its `workerData` as the second of a pair. */
const recogniser = await openRecogniser((Array.isArray(workerData) ? workerData[1] : workerData) as WorkerData);

const view = ({ buffer, slot, layout }: SlotReference) => new Uint8Array(buffer, slot * layout.bytes, layout.bytes);

export default async function work(job: Job): Promise<JobResult> {
  switch (job.kind) {
    case 'warm_up':
      return null;
    case 'evidence':
      return evidenceOf(view(job), job.layout, job.box);
    case 'picture':
      return pictureOf(view(job), job.layout);
    case 'recognise':
      return recogniser.recognise(view(job), job.layout, job.look, job.motion);
  }
}
