import type { Box } from '../../data/box.js';
import type { Candidate } from '../../data/candidate.js';
import type { Settled } from '../../data/look.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Manifest } from '../models.js';
import { cropRgb, sharpness } from './crop.js';
import type { Found } from './detector.js';
import type { Network } from './engine.js';
import { decodeText } from './text.js';

export interface PlatesRead {
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

export function createReader(network: Network, manifest: Manifest['reader']): ReadPlates {
  const { width, height, margin } = manifest.input;
  const plane = width * height;
  const batch = new Float32Array(platesMax * 3 * plane);

  async function readAll(slot: Uint8Array, layout: SlotLayout, wanted: readonly Found[]): Promise<Candidate[]> {
    if (wanted.length === 0) return [];
    for (const [i, { box }] of wanted.entries())
      cropRgb(slot, layout, grown(box, margin), batch, i * 3 * plane, width, height);
    const input = batch.subarray(0, wanted.length * 3 * plane);
    const outputs = await network.run(input, [wanted.length, 3, height, width]);
    const chars = outputs[manifest.outputs.chars];
    const states = outputs[manifest.outputs.state];
    if (!chars || !states) throw new Error('the reader lacks an output its manifest names');
    const steps = chars.shape[1] as number;
    return wanted.map(({ box, score }, i) => {
      const state = likeliestState(states.values, i * manifest.states.length, manifest);
      const layouts = state && state.confidence > 0.5 ? (manifest.layouts[state.code] ?? []) : [];
      const text = decodeText(chars.values, i * steps * manifest.alphabet.length, steps, manifest, layouts);
      const sure = state && state.confidence >= manifest.unknownStateThreshold ? state : null;
      return { box, score, ...text, state: sure, sharpness: sharpness(batch, i * 3 * plane + plane, width, height) };
    });
  }

  return async (slot, layout, found, settled) => {
    const wanted = found.filter(({ box }) => !isSettled(box, settled)).slice(0, platesMax);
    const unread = found.filter(({ box }) => isSettled(box, settled)).map(unreadCandidate);
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

function likeliestState(
  values: Float32Array,
  at: number,
  { states }: Manifest['reader'],
): { code: string; confidence: number } | null {
  let best = 0;
  for (let i = 1; i < states.length; i++) if ((values[at + i] as number) > (values[at + best] as number)) best = i;
  const code = states[best];
  return code === undefined ? null : { code, confidence: values[at + best] as number };
}
