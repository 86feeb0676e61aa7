import { z } from 'zod';

/** How frames are turned into reads. */
export const pipelineSettings = z.strictObject({
  /** Inference: ONNX Runtime, TensorFlow.js, or whichever is faster here (measured at start). */
  inference: z.enum(['auto', 'onnx', 'tfjs']).default('auto'),
  /** Worker threads, each with its own detector and reader; `auto`: one a core, 16 at most. */
  threads: z.union([z.literal('auto'), z.int().min(1).max(64)]).default('auto'),
  /** Another model pair's manifest; default: the shipped one. */
  manifest: z.string().min(1).optional(),
});

export type PipelineSettings = z.infer<typeof pipelineSettings>;
