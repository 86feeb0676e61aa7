import type { Box } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import type { SlotLayout } from '../data/slot_layout.js';
import type { Models } from './models.js';

/** All that crosses the thread boundary, as plain data. Pixels never do: they lie in the shared slot. */
export interface WorkerData {
  readonly models: Models;
  readonly inference: 'onnx' | 'tfjs';
}

export interface SlotReference {
  readonly buffer: SharedArrayBuffer;
  readonly slot: number;
  readonly layout: SlotLayout;
}

export type Job =
  | { readonly kind: 'warm_up' }
  | ({ readonly kind: 'recognise' } & SlotReference)
  | ({ readonly kind: 'evidence'; readonly box: Box } & SlotReference);

export interface Recognised {
  readonly candidates: readonly Candidate[];
  readonly detectMs: number;
  readonly readMs: number;
}

/** JPEG of the whole frame (at most 1280 wide) and of the plate. */
export interface EvidenceImages {
  readonly vehicle: Uint8Array;
  readonly plate: Uint8Array;
}

/** Structured by job kind: `warm_up` -> null, `recognise` -> Recognised, `evidence` -> EvidenceImages. */
export type JobResult = null | Recognised | EvidenceImages;
