import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';
import { packagePath } from '../package_root.js';

const hashed = z.object({ file: z.string(), sha256: z.string().length(64) });
const files = { recipe: z.string(), onnx: hashed, tfjs: hashed.extend({ weights: z.array(hashed).min(1) }) };
const size = { width: z.int().positive(), height: z.int().positive() };

const manifestSchema = z.object({
  version: z.literal(1),
  detector: z.object({
    ...files,
    input: z.object({ name: z.string(), ...size, pad: z.number(), dynamic: z.boolean().default(false) }),
    output: z.object({ name: z.string() }),
    scoreThreshold: z.number(),
    nmsIou: z.number(),
  }),
  reader: z.object({
    ...files,
    input: z.object({ name: z.string(), ...size, margin: z.object({ x: z.number(), y: z.number() }) }),
    outputs: z.object({ chars: z.string(), state: z.string() }),
    alphabet: z.string().min(2),
    states: z.array(z.string()),
    unknownStateThreshold: z.number(),
    calibration: z.object({ a: z.number(), b: z.number() }),
    layouts: z.record(z.string(), z.array(z.string())).default({}),
    layoutSlack: z.number().default(0),
  }),
});

export type Manifest = z.infer<typeof manifestSchema>;
/** A model pair whose every file has the hash its manifest states. */
export interface Models {
  readonly folder: string;
  readonly manifest: Manifest;
  /** `<detector recipe>+<reader recipe>`, as recorded with every read. */
  readonly name: string;
}

/** Loads and checks the model pair: a file whose hash differs is refused [III.B]. */
export function loadModels(manifestFile = packagePath('models', 'manifest.json')): Result<Models, string> {
  let parsed: Manifest;
  try {
    parsed = manifestSchema.parse(JSON.parse(readFileSync(manifestFile, 'utf8')));
  } catch (error) {
    return fail(`${manifestFile}: not a model manifest (${(error as Error).message.split('\n')[0]})`);
  }
  const folder = dirname(manifestFile);
  for (const model of [parsed.detector, parsed.reader]) {
    for (const file of [model.onnx, model.tfjs, ...model.tfjs.weights]) {
      const problem = checkHash(join(folder, file.file), file.sha256);
      if (problem) return fail(problem);
    }
  }
  return ok({ folder, manifest: parsed, name: `${parsed.detector.recipe}+${parsed.reader.recipe}` });
}

function checkHash(path: string, expected: string): string | null {
  try {
    const found = createHash('sha256').update(readFileSync(path)).digest('hex');
    return found === expected
      ? null
      : `${path}: its SHA-256 is not the manifest's; the model was altered, install it anew`;
  } catch {
    return `${path}: cannot be read; install the models anew`;
  }
}
