import type { Alternative } from '../../data/candidate.js';
import type { Manifest } from '../models.js';
import type { Beams } from './beam_search.js';
import { layoutPrior } from './layout_prior.js';
import { twinsOf } from './twin_glyphs.js';

/** The text of one plate: best first, with each character's probability in the best. */
export interface PlateText {
  readonly alternatives: readonly Alternative[];
  readonly characterConfidences: readonly number[];
}

const alternativesMax = 8;
const probabilityMin = 1e-9;
/** What the picture leaves open is never taken for less: no read is certain. */
const doubtMin = 1e-3;

/**
 * Weighs the texts that one or more framings of a plate may spell by their layout. A text's confidence is calibrated from its share among
 * them, taken down by what the beams left out.
 * @param framings beams of each framing; their probabilities are averaged
 * @param stateProbabilities of `manifest.states`
 */
export function decodeText(
  framings: readonly Beams[],
  stateProbabilities: Float32Array,
  manifest: Manifest['reader'],
): PlateText {
  const prior = layoutPrior(manifest, stateProbabilities);
  const texts = mean(framings);
  const covered = sum(texts.values());
  texts.delete('');
  const twins = twinsOf(texts, manifest, stateProbabilities);
  for (const spelling of twins.spellings) texts.set(spelling, 0);
  const weighed = [...texts].map(([text, p]) => ({ text, p: p * prior(text) + twins.gain(text) }));
  const total = sum(weighed.map(({ p }) => p));
  if (total === 0) return { alternatives: [], characterConfidences: [] };
  const ranked = weighed.map(({ text, p }) => ({ text, p: p / total })).sort((x, y) => y.p - x.p);
  const { oneFraming, severalFramings } = manifest.calibration;
  const calibrated = calibration(framings.length > 1 ? severalFramings : oneFraming);
  return {
    alternatives: ranked
      .slice(0, alternativesMax)
      .map(({ text, p }) => ({ text, confidence: calibrated(p * covered) })),
    characterConfidences: confidencePerCharacter(ranked),
  };
}

/** Beta calibration (Kull et al. 2017): log odds that grow with the text's probability and, apart from it, with how little is left to others. */
function calibration({ a, b, c }: Manifest['reader']['calibration']['oneFraming']): (p: number) => number {
  return (p) => {
    const odds = a * Math.log(Math.max(p, probabilityMin)) - c * Math.log(Math.max(1 - p, doubtMin)) + b;
    return 1 / (1 + Math.exp(-odds));
  };
}

function mean(framings: readonly Beams[]): Map<string, number> {
  const texts = new Map<string, number>();
  for (const beams of framings) {
    for (const [text, p] of beams) texts.set(text, (texts.get(text) ?? 0) + p / framings.length);
  }
  return texts;
}

/** For each character of the best text: the share of the texts of its length that have it there. */
function confidencePerCharacter(ranked: readonly { readonly text: string; readonly p: number }[]): number[] {
  const best = ranked[0]?.text ?? '';
  const alike = ranked.filter(({ text }) => text.length === best.length);
  const total = sum(alike.map(({ p }) => p));
  return [...best].map(
    (character, i) => sum(alike.filter(({ text }) => text[i] === character).map(({ p }) => p)) / total,
  );
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
