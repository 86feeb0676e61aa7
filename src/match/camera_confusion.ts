import type { Read } from '../data/read.js';

/** Chance that a reader which says one character saw another, before anything is known of the camera. */
const usual = 0.03;
/** Pairs that many states print with the same glyph. */
const sameGlyph = ['0O', '1I'];
/** How many characters the usual chance is worth against what a camera has shown. */
const usualWeight = 200;
const recordWeight = 10;

interface Record {
  /** Characters read, by character. */
  readonly read: Map<string, number>;
  /** Probability mass its alternatives gave to another character, by pair. */
  readonly meant: Map<string, number>;
  right: number;
  wrong: number;
}

/**
 * What each camera takes for what. A read whose second-best text differs in one character says how often this camera doubts that
 * character; what people found when they compared hits with the picture says how far to trust it at all.
 */
export class CameraConfusion {
  readonly #cameras = new Map<string, Record>();

  /** Learns from a final read. */
  observe(read: Read): void {
    const record = this.#recordOf(read.cameraId);
    for (const character of read.plate) add(record.read, character, 1);
    for (const { text, confidence } of read.alternatives) {
      const place = onlyDifference(read.plate, text);
      if (place !== null) add(record.meant, `${read.plate[place]}${text[place]}`, confidence);
    }
  }

  /** Learns from a person who compared a hit of this camera with its picture. */
  verified(cameraId: string, right: boolean): void {
    const record = this.#recordOf(cameraId);
    if (right) record.right += 1;
    else record.wrong += 1;
  }

  /** Probability that the camera saw `meant` where it read `read`. */
  chance(cameraId: string, read: string, meant: string): number {
    const prior = sameGlyph.some((pair) => pair.includes(read) && pair.includes(meant)) ? 0.3 : usual;
    const record = this.#cameras.get(cameraId);
    const seen = record?.read.get(read) ?? 0;
    return ((record?.meant.get(read + meant) ?? 0) + prior * usualWeight) / (seen + usualWeight);
  }

  /** How much better (above 1) or worse its hits were than usual, as a factor on the odds; 0.1 to 10. */
  trust(cameraId: string): number {
    const record = this.#cameras.get(cameraId);
    if (record === undefined) return 1;
    const odds = (record.right + recordWeight * 0.9) / (record.wrong + recordWeight * 0.1);
    return Math.min(10, Math.max(0.1, odds / 9));
  }

  #recordOf(cameraId: string): Record {
    const known = this.#cameras.get(cameraId) ?? { read: new Map(), meant: new Map(), right: 0, wrong: 0 };
    this.#cameras.set(cameraId, known);
    return known;
  }
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}

/** @returns the place where two texts of one length differ, when it is the only one. */
function onlyDifference(a: string, b: string): number | null {
  if (a.length !== b.length) return null;
  let place: number | null = null;
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue;
    if (place !== null) return null;
    place = i;
  }
  return place;
}
