import { z } from 'zod';

/** How frames are turned into reads. */
export const pipelineSettings = z.strictObject({
  /** Inference: ONNX Runtime, TensorFlow.js, or whichever is faster here (measured at start). */
  inference: z.enum(['auto', 'onnx', 'tfjs']).default('auto'),
  /** Worker threads, each with its own detector and reader. */
  threads: z.int().min(1).max(64).default(1),
  /** Another model pair's manifest; default: the shipped one. */
  manifest: z.string().min(1).optional(),
});

export type PipelineSettings = z.infer<typeof pipelineSettings>;
