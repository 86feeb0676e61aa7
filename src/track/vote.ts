import type { Alternative, Candidate } from '../data/candidate.js';

/** One frame's reading of a plate, as it enters the vote. */
export interface Reading {
  readonly text: string;
  readonly confidence: number;
  readonly characters: readonly number[];
  readonly alternatives: readonly Alternative[];
  readonly weight: number;
}

export interface Verdict {
  readonly text: string;
  readonly confidence: number;
  readonly alternatives: readonly Alternative[];
  /** Frames whose own best text is the verdict. */
  readonly agreeing: number;
}

const alternativesMax = 8;
/** A plate about this wide is read as well as it will be. */
const fullWidthPixels = 100;
const fullSharpness = 12;
/** Frames of one pass err alike (same dirt, same angle): another one is not a new witness. */
const independence = 0.6;

/** How much a frame says: sure, large and sharp readings count most. */
export function readingOf(candidate: Candidate): Reading | null {
  const best = candidate.alternatives[0];
  if (!best || best.text.length < 2) return null;
  const size = Math.min(1, candidate.box.width / fullWidthPixels);
  const sharp = Math.min(1, 0.3 + candidate.sharpness / fullSharpness);
  return {
    text: best.text,
    confidence: best.confidence,
    characters: candidate.characterConfidences,
    alternatives: candidate.alternatives,
    weight: (0.05 + best.confidence) * size * sharp,
  };
}

/**
 * The text of a pass: readings of the heaviest length vote per character, each with its weight times the probability of that
 * character. One reading alone never gets more than its own confidence.
 */
export function vote(readings: readonly Reading[]): Verdict | null {
  const length = heaviestLength(readings);
  const voters = readings.filter((reading) => reading.text.length === length);
  if (voters.length === 0) return null;
  let text = '';
  let share = 1;
  for (let i = 0; i < length; i++) {
    const { character, part } = heaviestCharacter(voters, i);
    text += character;
    share = Math.min(share, part);
  }
  const agreeing = voters.filter((reading) => reading.text === text);
  const lengthShare = sum(voters.map((r) => r.weight)) / sum(readings.map((r) => r.weight));
  const doubt = agreeing
    .map((reading) => reading.confidence)
    .sort((a, b) => b - a)
    .slice(0, 4)
    .reduce((product, confidence, i) => product * (1 - confidence * (i === 0 ? 1 : independence)), 1);
  const confidence = (agreeing.length ? 1 - doubt : 0.2) * share * lengthShare;
  return { text, confidence, alternatives: alternativesOf(text, confidence, voters), agreeing: agreeing.length };
}

function heaviestLength(readings: readonly Reading[]): number {
  const weights = new Map<number, number>();
  for (const { text, weight } of readings) weights.set(text.length, (weights.get(text.length) ?? 0) + weight);
  return [...weights].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}

function heaviestCharacter(voters: readonly Reading[], i: number): { character: string; part: number } {
  const weights = new Map<string, number>();
  for (const { text, weight, characters } of voters) {
    const character = text[i] as string;
    weights.set(character, (weights.get(character) ?? 0) + weight * (characters[i] ?? 0.5));
  }
  const sorted = [...weights].sort((a, b) => b[1] - a[1]);
  const [character, best] = sorted[0] as [string, number];
  return { character, part: best / sum(sorted.map(([, weight]) => weight)) };
}

function alternativesOf(text: string, confidence: number, voters: readonly Reading[]): Alternative[] {
  const total = sum(voters.map((reading) => reading.weight));
  const others = new Map<string, number>();
  for (const { weight, alternatives } of voters) {
    for (const other of alternatives) {
      if (other.text !== text)
        others.set(other.text, (others.get(other.text) ?? 0) + (weight / total) * other.confidence);
    }
  }
  const rest = [...others]
    .map(([other, p]) => ({ text: other, confidence: Math.min(p, confidence, 1 - confidence) }))
    .sort((a, b) => b.confidence - a.confidence);
  return [{ text, confidence }, ...rest].slice(0, alternativesMax);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
