import { z } from 'zod';
import { limits } from '../limits.js';
import { pipelineSettings } from '../pipeline/settings.js';

/** The engines that run on control's own machine. */
export const localEngineSettings = pipelineSettings.extend({
  /** Engines that share the cameras, each a process; `auto`: another for each eight cameras, one a core at most. */
  processes: z.union([z.literal('auto'), z.int().min(1).max(limits.engine.processesMax)]).default('auto'),
});

export type LocalEngineSettings = z.infer<typeof localEngineSettings>;
