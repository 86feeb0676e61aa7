/** When a pass is told, when it is over, and how hard it is followed. */
export const rules = {
  /** An early report needs this many frames that agree, this confidence, and the same text in two votes in a row. */
  earlyAgreeing: 2,
  earlyConfidence: 0.6,
  stableVotesMin: 2,
  /** The first text must be this much likelier than the second. */
  earlyMargin: 2,
  /** After its first sighting a pass that is not told yet has precedence for so long. */
  undecidedMs: 1_500,
  /** While frames are left out, a pass not told yet that was not seen for so long is told on what there is. */
  interruptedAfterMs: 600,
  /** A pass with less is not worth keeping. */
  finalConfidence: 0.25,
  /** A pass is over when it was looked for and not found this often, and for this long. */
  missesMax: 3,
  goneAfterMs: 1_200,
  /** A moving vehicle has left when nothing at all was seen of it for this long (no motion, so no frames). */
  movingGoneAfterMs: 2_500,
  /** A vehicle that stays is told as final after this long; it remains one pass. */
  finalAfterMs: 20_000,
  /** A finished pass that reappears at its place with its text within this time is the same pass. */
  sameAgainMs: 8_000,
  readingsMax: 40,
  passesMax: 64,
  /** A frame replaces the best one when it is better by this factor. */
  betterBy: 1.5,
  /** Between two looks at everything; in between only followed plates are searched for. */
  everywhereEveryMs: 250,
  /** More plates than this are cheaper found by looking everywhere. */
  regionsMax: 5,
  /** A text that so many frames agree on is settled at this confidence, and after so many readings in any case. */
  settledAgreeing: 3,
  settledConfidence: 0.9,
  readingsEnough: 10,
  /** A settled plate is read again when it has become wider by this factor. */
  readAgainWider: 1.25,
  /** Slower than this, in its own widths a second, a vehicle stands. */
  stillWidthsPerSecond: 0.08,
  stillAfterMs: 1_500,
} as const;
