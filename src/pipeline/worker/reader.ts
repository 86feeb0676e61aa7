import type { Box } from '../../data/box.js';
import type { Candidate } from '../../data/candidate.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Manifest } from '../models.js';
import { cropRgb, sharpness } from './crop.js';
import type { Found } from './detector.js';
import type { Network } from './engine.js';
import { decodeText } from './text.js';

/** Reads the plates of one frame from its full-resolution picture, in one batch. */
export type ReadPlates = (slot: Uint8Array, layout: SlotLayout, found: readonly Found[]) => Promise<Candidate[]>;

/** A frame with more plates is read in part, best scores first. */
const platesMax = 16;

export function createReader(network: Network, manifest: Manifest['reader']): ReadPlates {
  const { width, height, margin } = manifest.input;
  const plane = width * height;
  const batches = new Map<number, Float32Array>();
  return async (slot, layout, found) => {
    const wanted = found.slice(0, platesMax);
    if (wanted.length === 0) return [];
    const batch = batches.get(wanted.length) ?? new Float32Array(wanted.length * 3 * plane);
    batches.set(wanted.length, batch);
    for (const [i, { box }] of wanted.entries())
      cropRgb(slot, layout, grown(box, margin), batch, i * 3 * plane, width, height);
    const outputs = await network.run(batch, [wanted.length, 3, height, width]);
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
  };
}

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
