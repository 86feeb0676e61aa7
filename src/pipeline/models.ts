import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';
import { packagePath } from '../package_root.js';

const hashed = z.object({ file: z.string(), sha256: z.string().length(64) });
const files = { recipe: z.string(), onnx: hashed, tfjs: hashed.extend({ weights: z.array(hashed).min(1) }) };
const size = { width: z.int().positive(), height: z.int().positive() };
/** Shares of its width and height by which a box is grown on each side. */
const marginSchema = z.object({ x: z.number(), y: z.number() });

/** Confidence of a text of probability p: sigmoid(a log p - c log(1 - p) + b) (beta calibration, Kull et al. 2017). */
const calibrationSchema = z.object({ a: z.number(), b: z.number(), c: z.number().default(0) });

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
    input: z.object({
      name: z.string(),
      ...size,
      margin: marginSchema,
      /** Further framings of the same plate, for pictures that are looked at once: their probabilities are averaged. */
      furtherMargins: z.array(marginSchema).default([]),
    }),
    outputs: z.object({ chars: z.string(), state: z.string() }),
    alphabet: z.string().min(2),
    states: z.array(z.string()),
    unknownStateThreshold: z.number(),
    /** Of `states`: how much likelier each is where this pair is used (`expected_regions.ts`); without, all alike. */
    stateWeights: z.array(z.number().positive()).optional(),
    /** Of a text read in one framing, and of one averaged over several. */
    calibration: z.object({ oneFraming: calibrationSchema, severalFramings: calibrationSchema }),
    /** A box whose score is lower is a plate only if its text is at least this sure; without, one of still lower score is none at all. */
    doubt: z
      .object({
        belowScore: z.number(),
        confidenceMin: z.number(),
        dropBelowScore: z.number(),
        /** In a still, a text less sure than this is a guess and none at all; cameras vote over guesses. */
        stillConfidenceMin: z.number().default(0),
      })
      .default({ belowScore: 0, confidenceMin: 0, dropBelowScore: 0, stillConfidenceMin: 0 }),
    /** State -> layout (9 = digit, A = letter) -> share of its plates that have it. */
    layouts: z.record(z.string(), z.record(z.string(), z.number())).default({}),
    layoutPrior: z.object({ weight: z.number(), vanity: z.number() }).default({ weight: 0, vanity: 1 }),
    /** State -> sets of characters that its plates draw alike. */
    twinGlyphs: z.record(z.string(), z.array(z.string().min(2))).default({}),
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
