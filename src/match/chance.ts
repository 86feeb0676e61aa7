import type { StateAgreement } from '../data/match.js';

/** What speaks for and against a match. */
export interface Evidence {
  /** Calibrated probability that the plate bears the text that is wanted. */
  readonly textChance: number;
  /** What this camera's earlier hits were worth against others': a factor on the odds. */
  readonly cameraTrust: number;
  /**
   * How often the vehicles of the list pass here against how often others do. A calibrated text already weighs all plates alike; 1
   * says that the wanted ones are neither more nor less likely. A national list, most of whose vehicles never come here, is below 1.
   */
  readonly baseRate: number;
  readonly state: StateAgreement;
  /** Probability that the read's state of issuance is right. */
  readonly stateConfidence: number;
}

/** Share of accidental matches whose state agrees all the same: most traffic, and most entries, are local. */
const agreeByAccident = 0.25;

/**
 * Probability that the vehicle really carries the wanted plate (Bayes): the odds of the text, times what the list, the camera and the
 * state of issuance say.
 */
export function chanceOf({ textChance, cameraTrust, baseRate, state, stateConfidence }: Evidence): number {
  const text = Math.min(0.9999, Math.max(0, textChance));
  const odds = (text / (1 - text)) * cameraTrust * baseRate * stateOdds(state, stateConfidence);
  return odds / (1 + odds);
}

function stateOdds(state: StateAgreement, confidence: number): number {
  const right = Math.min(0.98, Math.max(0.5, confidence));
  if (state === 'agree') return right / agreeByAccident;
  return state === 'conflict' ? (1 - right) / (1 - agreeByAccident) : 1;
}
