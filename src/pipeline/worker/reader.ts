import type { Box } from '../../data/box.js';
import type { Candidate } from '../../data/candidate.js';
import type { Settled } from '../../data/look.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Manifest } from '../models.js';
import { beamSearch } from './beam_search.js';
import { cropRgb, sharpness } from './crop.js';
import type { Found } from './detector.js';
import type { Network } from './engine.js';
import { decodeText, type PlateText } from './text.js';

interface PlatesRead {
  /** Best detector score first. */
  readonly candidates: readonly Candidate[];
  /** Candidates left unread because their pass is settled. */
  readonly attributed: number;
}

/** Reads the plates of one frame from its full-resolution picture, in one batch; what is settled is passed on unread. */
export type ReadPlates = (
  slot: Uint8Array,
  layout: SlotLayout,
  found: readonly Found[],
  settled: readonly Settled[],
) => Promise<PlatesRead>;

/** A frame with more plates is read in part, best scores first. */
const platesMax = 16;
/** Its own, and where it was seen at first. */
const boxesOfPlateMax = 2;
/** Fewer characters are not enough to call a doubtful box a plate. */
const sureTextMin = 3;

/** @param looksOnce several framings of each plate are read and averaged: there is no next frame to vote with */
export function createReader(network: Network, manifest: Manifest['reader'], looksOnce = false): ReadPlates {
  const { width, height, margin, furtherMargins } = manifest.input;
  const margins = looksOnce ? [margin, ...furtherMargins] : [margin];
  const plane = width * height;
  const batch = new Float32Array(platesMax * boxesOfPlateMax * margins.length * 3 * plane);

  const guessBelow = looksOnce ? manifest.doubt.stillConfidenceMin : 0;
  const isGuess = ({ alternatives }: PlateText) => (alternatives[0]?.confidence ?? 0) < guessBelow;

  async function readAll(slot: Uint8Array, layout: SlotLayout, wanted: readonly Found[]): Promise<Candidate[]> {
    if (wanted.length === 0) return [];
    const framingsOf = wanted.map(({ box, firstBox }) =>
      [box, ...(firstBox ? [firstBox] : [])].flatMap((one) => margins.map((by) => grown(one, by))),
    );
    const framings = framingsOf.flat();
    for (const [i, box] of framings.entries()) cropRgb(slot, layout, box, batch, i * 3 * plane, width, height);
    const input = batch.subarray(0, framings.length * 3 * plane);
    const outputs = await network.run(input, [framings.length, 3, height, width]);
    const chars = outputs[manifest.outputs.chars];
    const states = outputs[manifest.outputs.state];
    if (!chars || !states) throw new Error('the reader lacks an output its manifest names');
    const steps = chars.shape[1] as number;
    const size = steps * manifest.alphabet.length;
    let to = 0;
    return wanted.flatMap(({ box, score }, i) => {
      const own = framingsOf[i] as readonly Box[];
      const from = to;
      to += own.length;
      const beams = own.map((_, k) => beamSearch(chars.values, (from + k) * size, steps, manifest.alphabet));
      const stateProbabilities = weighed(
        meanRow(states.values, from, to, manifest.states.length),
        manifest.stateWeights,
      );
      const text = decodeText(beams, stateProbabilities, manifest);
      const state = likeliestState(stateProbabilities, manifest);
      const sure = state.confidence >= manifest.unknownStateThreshold ? state : null;
      const doubtful = isDoubtful(score, text, manifest.doubt);
      if (doubtful && score < manifest.doubt.dropBelowScore) return [];
      const legible = doubtful || isGuess(text) ? nothing : text;
      return {
        box,
        score,
        ...legible,
        state: sure,
        sharpness: sharpness(batch, (from * 3 + 1) * plane, width, height),
      };
    });
  }

  return async (slot, layout, found, settled) => {
    const wanted = found.filter(({ box }) => !isSettled(box, settled)).slice(0, platesMax);
    // What is not read cannot prove itself by its text: beside a settled plate, a box of low score is a part or a shadow of it.
    const unread = found
      .filter(({ box, score }) => score >= manifest.doubt.dropBelowScore && isSettled(box, settled))
      .map(unreadCandidate);
    const read = await readAll(slot, layout, wanted);
    return { candidates: [...read, ...unread].sort((a, b) => b.score - a.score), attributed: unread.length };
  };
}

function isSettled(box: Box, settled: readonly Settled[]): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  return settled.some(
    ({ box: at, readAboveWidth }) =>
      box.width <= readAboveWidth && x >= at.x && x <= at.x + at.width && y >= at.y && y <= at.y + at.height,
  );
}

const unreadCandidate = ({ box, score }: Found): Candidate => ({
  box,
  score,
  alternatives: [],
  characterConfidences: [],
  state: null,
  sharpness: 0,
});

function grown(box: Box, margin: { readonly x: number; readonly y: number }): Box {
  const [dx, dy] = [box.width * margin.x, box.height * margin.y];
  return { x: box.x - dx, y: box.y - dy, width: box.width + 2 * dx, height: box.height + 2 * dy };
}

const nothing: PlateText = { alternatives: [], characterConfidences: [] };

/** Grilles, signs and lamps look a little like plates to the detector, but hold no text of some length that the reader is sure of. */
function isDoubtful(
  score: number,
  text: PlateText,
  { belowScore, confidenceMin }: Manifest['reader']['doubt'],
): boolean {
  const best = text.alternatives[0];
  const isSure = best !== undefined && best.confidence >= confidenceMin && best.text.length >= sureTextMin;
  return score < belowScore && !isSure;
}

/** What the picture says of the state, and what the site expects. */
function weighed(probabilities: Float32Array, weights: readonly number[] | undefined): Float32Array {
  if (weights === undefined) return probabilities;
  const products = probabilities.map((p, i) => p * (weights[i] as number));
  const total = products.reduce((sum, p) => sum + p, 0);
  return products.map((p) => p / total);
}

/** Mean of rows `from` to `to` (exclusive) of a table. */
function meanRow(values: Float32Array, from: number, to: number, columns: number): Float32Array {
  const mean = new Float32Array(columns);
  for (let row = from; row < to; row++) {
    for (let i = 0; i < columns; i++)
      mean[i] = (mean[i] as number) + (values[row * columns + i] as number) / (to - from);
  }
  return mean;
}

function likeliestState(
  probabilities: Float32Array,
  { states }: Manifest['reader'],
): { code: string; confidence: number } {
  let best = 0;
  for (let i = 1; i < states.length; i++) if ((probabilities[i] as number) > (probabilities[best] as number)) best = i;
  return { code: states[best] as string, confidence: probabilities[best] as number };
}
