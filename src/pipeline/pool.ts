import { Piscina } from 'piscina';
import { fail, ok, type Result } from '../data/result.js';
import { packagePath } from '../package_root.js';
import type { Job } from './job.js';
import type { Models } from './models.js';

/** Frames waiting for a thread: cannot exceed the slots that exist; beyond it something is broken. */
const queueMax = 4096;

/** Threads with a detector and a reader each. @returns one line when one of them cannot start. */
export async function openPool(
  models: Models,
  inference: 'onnx' | 'tfjs',
  threads: number,
): Promise<Result<Piscina, string>> {
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
