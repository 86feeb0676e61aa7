import { type Box, iou } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import { lookEverywhere } from '../data/look.js';
import { decodeStill, type Still } from '../ingest/still.js';
import type { Models } from '../pipeline/models.js';
import type { Recogniser } from '../pipeline/worker/recogniser.js';
import { editDistance, merged, normalised } from './compare.js';
import type { LabelledCrop, LabelledPlate, LabelledScene, LabelledSet } from './labelled_sets.js';
import { Tally } from './tally.js';

/** A plate read wrong, or not at all, or found where none is labelled: for the picture of failures. */
export interface Failure {
  readonly set: string;
  readonly file: string;
  /** Pixels of the file. */
  readonly box: Box;
  /** Null: nothing is labelled here. */
  readonly truth: string | null;
  /** Empty: not found or not legible. */
  readonly read: string;
  readonly confidence: number;
}

/** A plate as `platestream read` reports it. */
interface Reported {
  readonly box: Box;
  readonly text: string;
  readonly confidence: number;
  readonly state: string | null;
}

/** A read belongs to a labelled plate when it covers at least this much of both. */
const sameAt = 0.1;
const foundAt = 0.5;

export interface Measurement {
  readonly tally: Tally;
  readonly failures: readonly Failure[];
}

/** The same models, whose likeliest state is always told. */
export function namingEveryState({ manifest, ...rest }: Models): Models {
  return { ...rest, manifest: { ...manifest, reader: { ...manifest.reader, unknownStateThreshold: 0 } } };
}

/** Runs every picture of a set through the detector and the reader that cameras get. */
export class Measuring {
  readonly #recogniser: Recogniser;
  readonly #fit: { readonly width: number; readonly height: number };
  readonly #namedFrom: number;

  /** @param recogniser one that names every state (`namingEveryState`): here it is counted which of them are sure enough */
  constructor(recogniser: Recogniser, { manifest }: Models) {
    this.#recogniser = recogniser;
    this.#fit = manifest.detector.input;
    this.#namedFrom = manifest.reader.unknownStateThreshold;
  }

  /** @param onImage called after each picture with how many are done */
  async set({ name, scenes, crops }: LabelledSet, onImage: (done: number) => void): Promise<Measurement> {
    const [tally, failures] = [new Tally(), [] as Failure[]];
    for (const scene of scenes) {
      failures.push(
        ...(await this.#scene(scene, tally)).map((failure) => ({ set: name, file: scene.file, ...failure })),
      );
      onImage(tally.images);
    }
    for (const crop of crops) {
      failures.push(...(await this.#crop(crop, tally)).map((failure) => ({ set: name, file: crop.file, ...failure })));
      onImage(tally.images);
    }
    return { tally, failures };
  }

  async #scene(scene: LabelledScene, tally: Tally): Promise<Omit<Failure, 'set' | 'file'>[]> {
    const still = await this.#open(scene.file, tally);
    if (!still) return [];
    const { candidates, detectMs, readMs } = await this.#recogniser.recognise(
      still.slot,
      still.layout,
      lookEverywhere,
      [],
    );
    tally.detectMs.push(detectMs);
    tally.readMs.push(readMs);
    const reported = reportedOf(candidates, still);
    const scale = { x: still.width / scene.width, y: still.height / scene.height };
    const plates = scene.plates.map(({ box, text }) => ({ box: scaled(box, scale), text }));
    const boxes = candidates.map(({ box }) => still.toStored(box));
    for (const { box } of plates) tally.found += boxes.some((one) => iou(one, box) >= foundAt) ? 1 : 0;
    const failures = plates.flatMap((plate) => comparePlate(plate, reported, tally) ?? []);
    const beside = reported.filter(({ box }) => plates.every((plate) => iou(box, plate.box) <= 0));
    tally.reportedBeside += beside.length;
    return [...failures, ...beside.map(({ box, text, confidence }) => ({ box, truth: null, read: text, confidence }))];
  }

  async #crop({ file, text, state }: LabelledCrop, tally: Tally): Promise<Omit<Failure, 'set' | 'file'>[]> {
    const still = await this.#open(file, tally);
    if (!still) return [];
    const box = { x: 0, y: 0, width: still.layout.width, height: still.layout.height };
    const startedAt = performance.now();
    const [candidate] = await this.#recogniser.readAt(still.slot, still.layout, [box]);
    tally.readMs.push(performance.now() - startedAt);
    if (state !== null) {
      const { code, confidence } = candidate?.state ?? { code: null, confidence: 0 };
      tally.stateClaims.push({ confidence, isRight: code === state, isNamed: confidence >= this.#namedFrom });
    }
    const failure = compareText(text, reportedOf(candidate ? [candidate] : [], still)[0], box, tally);
    return failure ? [failure] : [];
  }

  async #open(file: string, tally: Tally): Promise<Still | null> {
    tally.images += 1;
    const still = await decodeStill(file, this.#fit);
    return still.ok ? still.value : null;
  }
}

function reportedOf(candidates: readonly Candidate[], still: Still): Reported[] {
  return candidates.flatMap(({ alternatives, box, state }) => {
    const best = alternatives[0];
    return best ? [{ ...best, box: still.toStored(box), state: state?.code ?? null }] : [];
  });
}

function comparePlate(
  { box, text }: LabelledPlate,
  reported: readonly Reported[],
  tally: Tally,
): Omit<Failure, 'set' | 'file'> | null {
  const best = reported.map((one) => ({ one, share: iou(one.box, box) })).sort((a, b) => b.share - a.share)[0];
  tally.boxes += 1;
  if (best && best.share >= foundAt) tally.reported += 1;
  return text === null ? null : compareText(text, best && best.share > sameAt ? best.one : undefined, box, tally);
}

function compareText(
  truth: string,
  found: Reported | undefined,
  box: Box,
  tally: Tally,
): Omit<Failure, 'set' | 'file'> | null {
  const [wanted, read] = [normalised(truth), found?.text ?? ''];
  tally.texts += 1;
  tally.strict += read === wanted ? 1 : 0;
  tally.merged += merged(read) === merged(wanted) ? 1 : 0;
  tally.withinOne += editDistance(read, wanted) <= 1 ? 1 : 0;
  if (found) {
    tally.claims.push({ confidence: found.confidence, isRight: read === wanted });
    tally.mergedClaims.push({ confidence: found.confidence, isRight: merged(read) === merged(wanted) });
  }
  return read === wanted ? null : { box, truth: wanted, read, confidence: found?.confidence ?? 0 };
}

const scaled = ({ x, y, width, height }: Box, by: { readonly x: number; readonly y: number }): Box => ({
  x: x * by.x,
  y: y * by.y,
  width: width * by.x,
  height: height * by.y,
});
