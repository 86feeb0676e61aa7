import type { Box } from './box.js';

/** One possible text of a plate, normalised (A-Z, 0-9, no separators). */
export interface Alternative {
  readonly text: string;
  /** Calibrated probability that the whole plate is exactly this text, 0..1. */
  readonly confidence: number;
}

/** A box of one frame that may be a plate, with what the reader made of it. */
export interface Candidate {
  readonly box: Box;
  /** The detector's score, 0..1. */
  readonly score: number;
  /** Most probable first; empty when the reader was not asked or saw nothing. */
  readonly alternatives: readonly Alternative[];
  /** Probability of each character of `alternatives[0]`. */
  readonly characterConfidences: readonly number[];
  readonly state: { readonly code: string; readonly confidence: number } | null;
  /** Variance-of-Laplacian-like measure of the crop, for choosing the best frame; larger is sharper. */
  readonly sharpness: number;
}
