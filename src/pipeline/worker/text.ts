import type { Alternative } from '../../data/candidate.js';
import type { Manifest } from '../models.js';

/** The text of one plate: best first, with each character's probability in the best. */
export interface PlateText {
  readonly alternatives: readonly Alternative[];
  readonly characterConfidences: readonly number[];
}

/** Per character of the best path: the column where it is most certain, and the distribution there. */
interface Run {
  readonly character: number;
  readonly at: number;
}

const alternativesMax = 8;
const alternativeShareMin = 1e-3;

/**
 * Decodes CTC probabilities (Graves et al. 2006, best path) of one plate, [T, A] from `offset`, index 0 the blank. Alternatives replace
 * characters of the best path by the next ones of the same columns, in order of probability; their confidence is calibrated:
 * sigmoid(a * log p + b).
 */
export function decodeText(
  chars: Float32Array,
  offset: number,
  steps: number,
  reader: Manifest['reader'],
  layouts: readonly string[],
): PlateText {
  const size = reader.alphabet.length;
  const runs = bestPath(chars, offset, steps, size);
  if (runs.length === 0) return { alternatives: [], characterConfidences: [] };
  const { a, b } = reader.calibration;
  const calibrated = (logP: number) => 1 / (1 + Math.exp(-(a * logP + b)));
  const free = mostLikely(runs, chars, size, () => true, reader.alphabet);
  const fitted = fitLayout(runs, chars, reader, layouts, free.logP) ?? free;
  const alternatives = [fitted, ...replacements(fitted, runs, chars, reader.alphabet)].map(({ text, logP }) => ({
    text,
    confidence: calibrated(logP),
  }));
  const best = fitted.text;
  return {
    alternatives: alternatives
      .filter((x, i) => alternatives.findIndex((y) => y.text === x.text) === i)
      .slice(0, alternativesMax),
    characterConfidences: runs.map((run, i) => chars[run.at + reader.alphabet.indexOf(best[i] as string)] as number),
  };
}

interface Guess {
  readonly text: string;
  readonly logP: number;
}

function bestPath(chars: Float32Array, offset: number, steps: number, size: number): Run[] {
  const runs: { character: number; at: number; p: number }[] = [];
  let previous = 0;
  for (let step = 0; step < steps; step++) {
    const at = offset + step * size;
    let best = 0;
    for (let k = 1; k < size; k++) if ((chars[at + k] as number) > (chars[at + best] as number)) best = k;
    const p = chars[at + best] as number;
    const last = runs.at(-1);
    if (best !== 0 && best === previous && last) {
      if (p > last.p) Object.assign(last, { at, p });
    } else if (best !== 0) {
      runs.push({ character: best, at, p });
    }
    previous = best;
  }
  return runs;
}

/** The likeliest text that has an allowed character in each run. */
function mostLikely(
  runs: readonly Run[],
  chars: Float32Array,
  size: number,
  allowed: (i: number, k: number) => boolean,
  alphabet: string,
): Guess {
  let text = '';
  let logP = 0;
  for (const [i, run] of runs.entries()) {
    let best = -1;
    for (let k = 1; k < size; k++) {
      if (allowed(i, k) && (best < 0 || (chars[run.at + k] as number) > (chars[run.at + best] as number))) best = k;
    }
    text += alphabet[best] ?? '';
    logP += Math.log((chars[run.at + best] ?? 0) + 1e-9);
  }
  return { text, logP };
}

/** When the state is known and has fixed layouts: the likeliest text of such a layout, unless it is far less likely. */
function fitLayout(
  runs: readonly Run[],
  chars: Float32Array,
  { alphabet, layoutSlack }: Manifest['reader'],
  layouts: readonly string[],
  freeLogP: number,
): Guess | null {
  const isDigit = (k: number) => /\d/.test(alphabet[k] as string);
  const fitting = layouts
    .filter((layout) => layout.length === runs.length)
    .map((layout) => mostLikely(runs, chars, alphabet.length, (i, k) => isDigit(k) === (layout[i] === '9'), alphabet))
    .sort((x, y) => y.logP - x.logP)[0];
  return fitting && fitting.logP >= freeLogP - layoutSlack ? fitting : null;
}

/** Texts with one character replaced, then pairs of the two likeliest replacements. */
function replacements(best: Guess, runs: readonly Run[], chars: Float32Array, alphabet: string): Guess[] {
  const single: (Guess & { i: number; k: number; gain: number })[] = [];
  for (const [i, run] of runs.entries()) {
    const held = Math.log((chars[run.at + alphabet.indexOf(best.text[i] as string)] ?? 0) + 1e-9);
    for (let k = 1; k < alphabet.length; k++) {
      const p = chars[run.at + k] as number;
      if (p < alternativeShareMin || alphabet[k] === best.text[i]) continue;
      const gain = Math.log(p + 1e-9) - held;
      single.push({
        text: best.text.slice(0, i) + alphabet[k] + best.text.slice(i + 1),
        logP: best.logP + gain,
        i,
        k,
        gain,
      });
    }
  }
  single.sort((x, y) => y.logP - x.logP);
  const pairs: Guess[] = [];
  for (const x of single.slice(0, 4)) {
    for (const y of single.slice(0, 4)) {
      if (x.i < y.i)
        pairs.push({ text: y.text.slice(0, x.i) + alphabet[x.k] + y.text.slice(x.i + 1), logP: x.logP + y.gain });
    }
  }
  return [...single, ...pairs].sort((x, y) => y.logP - x.logP).slice(0, alternativesMax);
}
