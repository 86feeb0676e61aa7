import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { fail, ok, type Result } from './data/result.js';
import { cameraSettings } from './ingest/settings.js';
import { hotListSettings } from './match/settings.js';
import { pipelineSettings } from './pipeline/settings.js';
import { storeSettings } from './store/settings.js';

/**
 * The whole configuration; `platestream.example.yaml` is its manual and a test holds the two together. Each room states its own
 * settings; unknown keys are refused.
 */
export const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('./platestream-data'),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  server: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8480),
    })
    .prefault({}),
  engine: pipelineSettings.prefault({}),
  hotList: hotListSettings.prefault({}),
  store: storeSettings.prefault({}),
  cameras: z.array(cameraSettings).max(1000).default([]),
});

export type Config = z.infer<typeof configSchema>;

/** @returns the configuration, or one line that says which key is wrong and why. */
export function parseConfig(text: string, file: string): Result<Config, string> {
  const document = parseDocument(text);
  const syntax = document.errors[0];
  if (syntax) return fail(`${file}: not YAML: ${syntax.message.split('\n')[0]}`);
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (!parsed.success) return fail(`${file}: ${firstIssue(parsed.error)}`);
  const ids = parsed.data.cameras.map((camera) => camera.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return fail(`${file}: cameras: the id "${twice}" is used twice; ids must be unique`);
  return ok(parsed.data);
}

export function loadConfig(file: string): Result<Config, string> {
  try {
    return parseConfig(readFileSync(file, 'utf8'), file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return fail(`${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
  }
}

/** The first problem in words: where, what, and for a mistyped key its name. */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'not valid';
  const where = issue.path.join('.') || 'top level';
  if (issue.code === 'unrecognized_keys') return `${where}: unknown key ${issue.keys.map((k) => `"${k}"`).join(', ')}`;
  return `${where}: ${issue.message}`;
}
