import type { Alternative, Candidate } from '../data/candidate.js';
import { align, editDistance } from './text_distance.js';

/** One frame's reading of a plate, as it enters the vote. */
export interface Reading {
  readonly text: string;
  readonly confidence: number;
  /** Probability of each character of `text`. */
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
const textLengthMin = 2;
/** A plate about this wide is read as well as it will be. */
const fullWidthPixels = 100;
const fullSharpness = 12;
/** Frames of one pass err alike (same dirt, same angle): each further one is only this much of a new witness, four at most. */
const independence = 0.5;
const witnessesMax = 4;
/** Texts that a wrong frame could as well have said: what is not in a frame's alternatives is spread over so many. */
const otherTexts = 10;
const unlikely = 1e-4;
/** Frames of a pass may all err alike (a bolt, dirt, a look-alike character): with this chance they are one witness together. */
const alike = 0.4;
/** One frame alone may be a fluke of the reader. */
const loneFrameFactor = 0.85;

/** How much a frame says: sure, large and sharp readings count most. */
export function readingOf(candidate: Candidate): Reading | null {
  const best = candidate.alternatives[0];
  if (!best || best.text.length < textLengthMin) return null;
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
 * The text of a pass. Every text that a frame proposed, and the one that wins character by character, is weighed by what each
 * frame says of it: log probabilities added up over the heaviest frames, tempered because frames of one pass are not independent, against
 * the chance that it is none of them; mixed with their mean, for the case that they all err alike. So a look-alike that every frame held
 * possible stays among the alternatives. One reading alone never gets more than its own confidence.
 */
export function vote(readings: readonly Reading[]): Verdict | null {
  if (readings.length === 0) return null;
  const witnesses = witnessesOf(readings);
  const scores = [...proposals(readings)]
    .map((text) => ({ text, log: logOf(witnesses, (reading) => probabilityOf(reading, text)) }))
    .sort((a, b) => b.log - a.log)
    .slice(0, alternativesMax);
  const none = logOf(witnesses, (reading, i) => restOf(reading) / (i === 0 ? 1 : otherTexts));
  const top = Math.max(none, scores[0]?.log as number);
  const total = scores.reduce((sum, { log }) => sum + Math.exp(log - top), Math.exp(none - top));
  const mixed = scores.map(({ text, log }) => {
    const apart = Math.exp(log - top) / total;
    return { text, confidence: (1 - alike) * apart + alike * together(witnesses, text) };
  });
  const [best, ...others] = mixed.sort((a, b) => b.confidence - a.confidence) as [Alternative, ...Alternative[]];
  const agreeing = readings.filter((reading) => reading.text === best.text).length;
  const factor = agreeing > 1 ? 1 : loneFrameFactor;
  const alternatives = [best, ...others].map(({ text, confidence }) => ({ text, confidence: factor * confidence }));
  return { text: best.text, confidence: factor * best.confidence, alternatives, agreeing };
}

interface Witness {
  readonly reading: Reading;
  readonly share: number;
}

/** The heaviest reading counts once; the others share what further witnesses are worth, by weight. */
function witnessesOf(readings: readonly Reading[]): Witness[] {
  const [first, ...rest] = [...readings].sort((a, b) => b.weight - a.weight) as [Reading, ...Reading[]];
  const worth = Math.min(witnessesMax - 1, independence * rest.length);
  const total = rest.reduce((sum, { weight }) => sum + weight, 0);
  const others = rest.map((reading) => ({ reading, share: total > 0 ? (worth * reading.weight) / total : 0 }));
  return [{ reading: first, share: 1 }, ...others];
}

function logOf(witnesses: readonly Witness[], probability: (reading: Reading, i: number) => number): number {
  return witnesses.reduce(
    (sum, { reading, share }, i) => sum + share * Math.log(Math.max(unlikely, probability(reading, i))),
    0,
  );
}

/** What the frames say of a text as one witness: their mean. */
function together(witnesses: readonly Witness[], text: string): number {
  const total = witnesses.reduce((sum, { share }) => sum + share, 0);
  return witnesses.reduce((sum, { reading, share }) => sum + share * probabilityOf(reading, text), 0) / total;
}

/** Texts worth weighing: the frames' own best and second best, and the winner character by character. */
function proposals(readings: readonly Reading[]): Set<string> {
  const texts = new Set<string>([byCharacter(readings)]);
  for (const { alternatives } of readings)
    for (const { text } of alternatives) if (text.length >= textLengthMin) texts.add(text);
  return texts;
}

/** Probability that a frame gives to a text it may not have listed. */
function probabilityOf({ text, confidence, characters, alternatives }: Reading, asked: string): number {
  const listed = alternatives.find((alternative) => alternative.text === asked);
  if (listed) return listed.confidence;
  const bound = Math.min(confidence, alternatives.at(-1)?.confidence ?? 1, 1 - confidence) / otherTexts;
  if (asked.length !== text.length) return editDistance(asked, text) === 1 ? bound : unlikely;
  let odds = confidence;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === asked[i]) continue;
    const p = Math.min(0.999, Math.max(0.05, characters[i] ?? confidence));
    odds *= (1 - p) / (otherTexts * p);
  }
  return Math.min(odds, bound);
}

/** Probability that it is none of the listed texts. */
function restOf({ alternatives }: Reading): number {
  return Math.max(0.01, 1 - alternatives.reduce((sum, { confidence }) => sum + confidence, 0));
}

/** The heaviest text as a frame, each of its places filled with the character that weighs most over all frames. */
function byCharacter(readings: readonly Reading[]): string {
  const reference = heaviestText(readings);
  const votes = Array.from(reference, () => new Map<string, number>());
  for (const { text, weight, characters } of readings) {
    if (Math.abs(text.length - reference.length) > 2) continue;
    for (const [place, i] of align(text, reference).entries()) {
      const character = text[i];
      const at = votes[place];
      if (character === undefined || !at) continue;
      at.set(character, (at.get(character) ?? 0) + weight * (characters[i] ?? 0.5));
    }
  }
  return votes.map((at, place) => heaviest(at) ?? reference[place]).join('');
}

function heaviestText(readings: readonly Reading[]): string {
  const lengths = new Map<string, number>();
  for (const { text, weight } of readings) add(lengths, String(text.length), weight);
  const length = Number(heaviest(lengths));
  const texts = new Map<string, number>();
  for (const { text, weight } of readings) if (text.length === length) add(texts, text, weight);
  return heaviest(texts) ?? '';
}

function heaviest(weights: ReadonlyMap<string, number>): string | undefined {
  let [best, most] = [undefined as string | undefined, Number.NEGATIVE_INFINITY];
  for (const [key, weight] of weights) if (weight > most) [best, most] = [key, weight];
  return best;
}

function add(weights: Map<string, number>, key: string, weight: number): void {
  weights.set(key, (weights.get(key) ?? 0) + weight);
}
