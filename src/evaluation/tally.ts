import type { Claim } from './reliability.js';

/** The likeliest state of a plate whose state is labelled. */
export interface StateClaim extends Claim {
  /** Sure enough to be named; else it is reported as unknown. */
  readonly isNamed: boolean;
}

/** What is counted over the pictures of one set. */
export class Tally {
  images = 0;
  /** Labelled plates, those that the detector boxes at IoU 0.5, and those of them that are legible and so reported. */
  boxes = 0;
  found = 0;
  reported = 0;
  /** Plates reported that touch no label. */
  reportedBeside = 0;
  /** Plates with a text, and those read right under each protocol. */
  texts = 0;
  strict = 0;
  merged = 0;
  withinOne = 0;
  readonly claims: Claim[] = [];
  /** The same claims, right with 0=O and 1=I merged. */
  readonly mergedClaims: Claim[] = [];
  readonly stateClaims: StateClaim[] = [];
  readonly detectMs: number[] = [];
  readonly readMs: number[] = [];
}

/** One row of the table; percent, null where the set does not say. */
export interface Figures {
  readonly set: string;
  readonly images: number;
  readonly texts: number;
  readonly strict: number | null;
  readonly merged: number | null;
  readonly withinOne: number | null;
  readonly recall: number | null;
  readonly reported: number | null;
  /** Plates reported that touch no label, per image; some sets leave real plates unlabelled. */
  readonly falsePerImage: number | null;
  /** Median over images: detector alone, and reader with decoding of all its plates. */
  readonly detectMs: number | null;
  readonly readMs: number | null;
}

export function figuresOf(set: string, tally: Tally, isScenes: boolean): Figures {
  return {
    set,
    images: tally.images,
    texts: tally.texts,
    strict: percent(tally.strict, tally.texts),
    merged: percent(tally.merged, tally.texts),
    withinOne: percent(tally.withinOne, tally.texts),
    recall: isScenes ? percent(tally.found, tally.boxes) : null,
    reported: isScenes ? percent(tally.reported, tally.boxes) : null,
    falsePerImage: isScenes && tally.images > 0 ? rounded(tally.reportedBeside / tally.images, 3) : null,
    detectMs: median(tally.detectMs),
    readMs: median(tally.readMs),
  };
}

export const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

/** Null of nothing. */
export const percent = (part: number, whole: number) => (whole > 0 ? rounded((100 * part) / whole, 1) : null);

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  return middle === undefined ? null : rounded(middle, 2);
}
