import { type ChanceError, type Claim, calibrationError, chanceError, reliabilityBins } from './reliability.js';
import { percent, rounded, type Tally } from './tally.js';

/** How honest the confidence of the texts of one or more sets is. */
export interface Calibration {
  readonly set: string;
  readonly reads: number;
  /** Percent: mean confidence, and how many were right. */
  readonly confidence: number;
  readonly right: number;
  /** Expected calibration error of ten bins, and what chance alone would show. */
  readonly error: number;
  readonly chance: ChanceError;
  /** The error when 0=O and 1=I are merged. */
  readonly mergedError: number;
}

/** How well the states of one set are told. */
export interface StateFigures {
  readonly set: string;
  readonly plates: number;
  /** Percent whose likeliest state is the right one, named or not. */
  readonly top1: number | null;
  /** Percent that is named at all, and how much of that is right. */
  readonly named: number | null;
  readonly namedRight: number | null;
  readonly error: number;
}

/** @returns null where nothing was read that has a labelled text */
export function calibrationOf(set: string, tallies: readonly Tally[]): Calibration | null {
  const claims = tallies.flatMap((tally) => tally.claims);
  if (claims.length === 0) return null;
  const { mean, upper } = chanceError(claims);
  return {
    set,
    reads: claims.length,
    confidence: rounded((100 * sum(claims.map(({ confidence }) => confidence))) / claims.length, 1),
    right: rounded((100 * claims.filter(({ isRight }) => isRight).length) / claims.length, 1),
    error: errorOf(claims),
    chance: { mean: rounded(mean, 3), upper: rounded(upper, 3) },
    mergedError: errorOf(tallies.flatMap((tally) => tally.mergedClaims)),
  };
}

/** @returns null where no plate has a labelled state */
export function stateFiguresOf(set: string, { stateClaims }: Tally): StateFigures | null {
  if (stateClaims.length === 0) return null;
  const named = stateClaims.filter(({ isNamed }) => isNamed);
  const right = (claims: readonly Claim[]) => claims.filter(({ isRight }) => isRight).length;
  return {
    set,
    plates: stateClaims.length,
    top1: percent(right(stateClaims), stateClaims.length),
    named: percent(named.length, stateClaims.length),
    namedRight: percent(right(named), named.length),
    error: errorOf(stateClaims),
  };
}

const errorOf = (claims: readonly Claim[]) => rounded(calibrationError(reliabilityBins(claims)), 3);
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
