import type { Manifest } from '../models.js';

/** Layouts that a jurisdiction issues are likelier than others: what tells a zero from an O on most plates. */
export type LayoutPrior = (text: string) => number;

/** Plates without a fixed layout hold 2 to 7 characters. */
const lengthsOfFreePlates = 6;

/**
 * Prior probability of a text's layout (9 = digit, A = letter), to the power `weight`: what each state issues, times the probability that
 * it is this state, and a share of vanity plates, which have any layout but seldom change between letters and digits.
 * @param stateProbabilities of `manifest.states`
 */
export function layoutPrior(
  { states, layouts, layoutPrior: { weight, vanity } }: Manifest['reader'],
  stateProbabilities: Float32Array,
): LayoutPrior {
  const known = new Map<string, number>();
  return (text) => {
    const layout = layoutOf(text);
    const found = known.get(layout) ?? probability(layout) ** weight;
    known.set(layout, found);
    return found;
  };

  function probability(layout: string): number {
    const free = 0.5 ** (switchesIn(layout) + 1) / lengthsOfFreePlates;
    let sum = 0;
    for (const [i, state] of states.entries()) {
      const issued = layouts[state]?.[layout] ?? 0;
      sum += (stateProbabilities[i] as number) * ((1 - vanity) * issued + vanity * free);
    }
    return sum;
  }
}

/** 9 = digit, A = letter. */
export const layoutOf = (text: string) => text.replace(/[0-9]/g, '9').replace(/[A-Z]/g, 'A');

const switchesIn = (layout: string) => [...layout].filter((kind, i) => i > 0 && kind !== layout[i - 1]).length;
