import { z } from 'zod';
import { redisAccess } from '../bus/settings.js';
import { parseSettings, readSettings } from '../config.js';
import type { Result } from '../data/result.js';
import { cameraSettings } from '../ingest/settings.js';
import { limits } from '../limits.js';
import { pipelineSettings } from '../pipeline/settings.js';

/**
 * The configuration of an engine that runs away from control (`platestream engine`): its cameras and the way to hand over their reads.
 * It holds no credential of the bulk store or the ledger.
 */
const engineConfigSchema = z.strictObject({
  /** Unique among the engines of one control. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/, 'an engine name has only a-z, 0-9 and -, at most 41 characters'),
  /** Reads that wait while the bus is away. */
  spoolFolder: z.string().min(1).default('./platestream-spool'),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  redis: redisAccess,
  engine: pipelineSettings.prefault({}),
  cameras: z.array(cameraSettings).min(1).max(limits.engine.camerasMax),
});

export type EngineConfig = z.infer<typeof engineConfigSchema>;

/** @returns the configuration, or one line that says which key is wrong and why. */
export function loadEngineConfig(file: string): Result<EngineConfig, string> {
  const text = readSettings(file);
  return text.ok ? parseSettings(engineConfigSchema, text.value, file) : text;
}
