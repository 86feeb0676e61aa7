import { z } from 'zod';

/** How frames are turned into reads. */
export const pipelineSettings = z.strictObject({
  /** Inference: ONNX Runtime, TensorFlow.js, or whichever is faster here (measured at start). */
  inference: z.enum(['auto', 'onnx', 'tfjs']).default('auto'),
  /** Worker threads, each with its own detector and reader; `auto`: one a core, 16 at most. */
  threads: z.union([z.literal('auto'), z.int().min(1).max(64)]).default('auto'),
  /** Another model pair's manifest; default: the shipped one. */
  manifest: z.string().min(1).optional(),
  /** Where most plates come from: ISO 3166 codes (`US-MA`, `US`, `DE`). Plates of other regions are weighed less, never ruled out. */
  regions: z
    .array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'a region is a code of ISO 3166: US-MA, US, DE'))
    .max(64)
    .optional(),
});

export type PipelineSettings = z.infer<typeof pipelineSettings>;
