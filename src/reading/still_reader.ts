import type { Box } from '../data/box.js';
import type { Alternative } from '../data/candidate.js';
import { lookEverywhere } from '../data/look.js';
import { fail, ok, type Result } from '../data/result.js';
import { decodeStill } from '../ingest/still.js';
import { loadModelsFor } from '../pipeline/expected_regions.js';
import type { Models } from '../pipeline/models.js';
import { openRecogniser, type Recogniser } from '../pipeline/worker/recogniser.js';

/** A plate found in a picture or a video. */
export interface PlateFound {
  /** Normalised: A-Z, 0-9. */
  readonly text: string;
  readonly state: string | null;
  /** Calibrated probability that the whole text is right. */
  readonly confidence: number;
  /** Pixels of the picture as stored in its file. */
  readonly box: Box;
  /** Likeliest texts first, `text` among them. */
  readonly candidates: readonly Alternative[];
}

interface StillRead {
  /** As stored in the file, before its EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly ms: { readonly detect: number; readonly read: number; readonly total: number };
  /** Best detector score first; a candidate without any legible character is none. */
  readonly plates: readonly PlateFound[];
}

export interface StillReaderOptions {
  /** `auto`: the faster one here, measured when nothing is remembered. */
  readonly inference: 'auto' | 'onnx' | 'tfjs';
  /** Where what was measured is remembered; `null`: nowhere. */
  readonly choiceFile?: string | null;
  /** Another model pair's manifest; default: the shipped one. */
  readonly manifest?: string | undefined;
  /** Where most plates come from (`US-MA`, `US`, `DE`); see `expected_regions.ts`. */
  readonly regions?: readonly string[];
}

/** Reads pictures one at a time, with the very detector and reader that cameras get. */
export interface StillReader {
  /** Name of the model pair. */
  readonly model: string;
  readonly inference: 'onnx' | 'tfjs';
  /** @returns one line, without the file's name, when it is not a picture that can be read. */
  read(file: string): Promise<Result<StillRead, string>>;
}

/** Loads the models once. @returns one line when they cannot be loaded or run here. */
export async function openStillReader(options: StillReaderOptions): Promise<Result<StillReader, string>> {
  const models = loadModelsFor(options.manifest, options.regions);
  if (!models.ok) return models;
  const wanted = options.inference === 'auto' ? await fastestFirst(models.value, options) : [options.inference];
  let problem = '';
  for (const inference of wanted) {
    try {
      return ok(readerOf(models.value, inference, await openRecogniser({ models: models.value, inference }, true)));
    } catch (error) {
      problem ||= `${inference} inference cannot start: ${(error as Error).message.split('\n')[0]}`;
    }
  }
  return fail(problem);
}

/** The other one is for what was remembered and does not start any more. */
async function fastestFirst(models: Models, { choiceFile = null }: StillReaderOptions): Promise<('onnx' | 'tfjs')[]> {
  const { fastestInference } = await import('../pipeline/inference_choice.js');
  const fastest = await fastestInference(models, choiceFile);
  return [fastest, fastest === 'onnx' ? 'tfjs' : 'onnx'];
}

function readerOf(models: Models, inference: 'onnx' | 'tfjs', recogniser: Recogniser): StillReader {
  return {
    model: models.name,
    inference,
    async read(file) {
      const startedAt = performance.now();
      const still = await decodeStill(file, models.manifest.detector.input);
      if (!still.ok) return still;
      const { width, height, slot, layout, toStored } = still.value;
      const { candidates, detectMs, readMs } = await recogniser.recognise(slot, layout, lookEverywhere, []);
      const plates = candidates.flatMap(({ alternatives, state, box }): PlateFound[] => {
        const best = alternatives[0];
        if (!best) return [];
        return [{ ...best, state: state?.code ?? null, box: toStored(box), candidates: alternatives }];
      });
      const total = performance.now() - startedAt;
      return ok({ width, height, ms: { detect: detectMs, read: readMs, total }, plates });
    },
  };
}
