import type { Box } from './box.js';

/**
 * Where a frame is searched and what in it need not be read again. The tracker makes it from what it knows of the
 * vehicles in sight, the detector and reader obey it; pixels of the full-resolution frame.
 */
export interface Look {
  /** `everywhere` is where the frame's motion is, or the whole frame when it names none. */
  readonly search: 'everywhere' | 'regions' | 'nowhere';
  readonly regions: readonly Region[];
  /** Plates whose text is settled. */
  readonly settled: readonly Settled[];
}

/** A place where a followed plate must be by now. */
export interface Region {
  readonly box: Box;
  /** Expected width of the plate, for choosing the scale at which to look. */
  readonly plateWidth: number;
}

/** A candidate around the middle of `box` is read only when it is wider than `readAboveWidth`: then it may say more. */
export interface Settled {
  readonly box: Box;
  readonly readAboveWidth: number;
}

export const lookEverywhere: Look = { search: 'everywhere', regions: [], settled: [] };
