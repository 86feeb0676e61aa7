import type { Manifest } from '../models.js';
import { layoutOf } from './layout_prior.js';

/** What the texts of one plate gain because a jurisdiction draws some characters alike. */
export interface Twins {
  /** Spellings that the layouts ask for and that no framing proposed. */
  readonly spellings: readonly string[];
  /** Prior times probability that a text takes over from the spellings that look the same there. */
  gain(text: string): number;
}

/** A jurisdiction less likely than this decides nothing. */
const stateMin = 0.01;
/** Texts less likely than this are not spelled anew. */
const textMin = 0.02;

/**
 * On British plates 1 and I, and 0 and O, are one glyph each (The Road Vehicles (Display of Registration Marks) Regulations 2001, schedule 4):
 * the picture cannot tell them apart, so under that jurisdiction each spelling has the probability of all of them, and its layouts decide.
 * @param texts probability of each text that the picture may spell
 * @param stateProbabilities of `manifest.states`
 */
export function twinsOf(
  texts: ReadonlyMap<string, number>,
  { states, layouts, layoutPrior: { vanity }, twinGlyphs }: Manifest['reader'],
  stateProbabilities: Float32Array,
): Twins {
  const spellings = new Set<string>();
  const gains: ((text: string) => number)[] = [];
  for (const [state, glyphs] of Object.entries(twinGlyphs)) {
    const p = stateProbabilities[states.indexOf(state)] ?? 0;
    if (p < stateMin) continue;
    const issued = layouts[state] ?? {};
    const together = new Map<string, number>();
    for (const [text, probability] of texts) {
      const look = folded(text, glyphs);
      together.set(look, (together.get(look) ?? 0) + probability);
      if (probability < textMin) continue;
      for (const layout of Object.keys(issued)) spellings.add(spelled(text, layout, glyphs) ?? text);
    }
    gains.push((text) => {
      const others = (together.get(folded(text, glyphs)) ?? 0) - (texts.get(text) ?? 0);
      return p * (1 - vanity) * (issued[layoutOf(text)] ?? 0) * Math.max(0, others);
    });
  }
  return {
    spellings: [...spellings].filter((text) => !texts.has(text)),
    gain: (text) => gains.reduce((sum, gain) => sum + gain(text), 0),
  };
}

/** Each character as the first of its twins. */
function folded(text: string, glyphs: readonly string[]): string {
  return [...text].map((character) => glyphs.find((twins) => twins.includes(character))?.[0] ?? character).join('');
}

/** The text in this layout, characters replaced by their twins only; `null` when it does not fit. */
function spelled(text: string, layout: string, glyphs: readonly string[]): string | null {
  if (text.length !== layout.length) return null;
  const characters = [...text].map((character, i) => {
    const twins = glyphs.find((one) => one.includes(character)) ?? character;
    return [...twins].find((twin) => layoutOf(twin) === layout[i]);
  });
  return characters.includes(undefined) ? null : characters.join('');
}
