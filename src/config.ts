import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { alertSettings } from './alert/settings.js';
import { serverSettings } from './api/settings.js';
import { busSettings } from './bus/settings.js';
import { fail, ok, type Result } from './data/result.js';
import { localEngineSettings } from './engine/settings.js';
import { cameraSettings } from './ingest/settings.js';
import { ledgerSettings } from './ledger/settings.js';
import { limits } from './limits.js';
import { hotListSettings } from './match/settings.js';
import { policySettings } from './policy/settings.js';
import { storeSettings } from './store/settings.js';

/**
 * The whole configuration; `platestream.example.yaml` is its manual and a test holds the two together. Each room states its own
 * settings; unknown keys are refused.
 */
const configSchema = z.strictObject({
  dataDir: z.string().min(1).default('./platestream-data'),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  server: serverSettings.prefault({}),
  policy: policySettings.prefault({}),
  ledger: ledgerSettings.prefault({}),
  engine: localEngineSettings.prefault({}),
  hotList: hotListSettings.prefault({}),
  alerts: alertSettings.prefault({}),
  bus: busSettings.prefault({}),
  store: storeSettings.prefault({}),
  cameras: z.array(cameraSettings).max(limits.engine.camerasMax).default([]),
});

export type Config = z.infer<typeof configSchema>;

/** @returns the configuration, or one line that says which key is wrong and why. */
export function parseConfig(text: string, file: string): Result<Config, string> {
  return parseSettings(configSchema, text, file);
}

export function loadConfig(file: string): Result<Config, string> {
  const text = readSettings(file);
  return text.ok ? parseConfig(text.value, file) : text;
}

/** Settings of any kind that hold cameras: YAML, then the schema, then ids that are used once. */
export function parseSettings<Settings extends { readonly cameras: readonly { readonly id: string }[] }>(
  schema: z.ZodType<Settings>,
  text: string,
  file: string,
): Result<Settings, string> {
  const document = parseDocument(text);
  const syntax = document.errors[0];
  if (syntax) return fail(`${file}: not YAML: ${syntax.message.split('\n')[0]}`);
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (!parsed.success) return fail(`${file}: ${firstIssue(parsed.error)}`);
  const ids = parsed.data.cameras.map((camera) => camera.id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) return fail(`${file}: cameras: the id "${twice}" is used twice; ids must be unique`);
  return ok(parsed.data);
}

export function readSettings(file: string): Result<string, string> {
  try {
    return ok(readFileSync(file, 'utf8'));
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
