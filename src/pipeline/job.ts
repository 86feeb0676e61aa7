import type { Box } from '../data/box.js';
import type { Candidate } from '../data/candidate.js';
import type { Look } from '../data/look.js';
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
  | ({ readonly kind: 'recognise'; readonly look: Look; readonly motion: readonly Box[] } & SlotReference)
  | ({ readonly kind: 'evidence'; readonly box: Box } & SlotReference)
  | ({ readonly kind: 'picture' } & SlotReference);

export interface Recognised {
  readonly candidates: readonly Candidate[];
  /** Of these, plates of settled passes that were found but not read again (no alternatives). */
  readonly attributed: number;
  readonly detectMs: number;
  readonly readMs: number;
}

/** JPEG of the vehicle around the plate, and of the plate, cut from one frame. */
export interface EvidenceImages {
  readonly vehicle: Uint8Array;
  readonly plate: Uint8Array;
}

/** Structured by job kind: `warm_up` -> null, `recognise` -> Recognised, `evidence` -> EvidenceImages, `picture` -> JPEG. */
export type JobResult = null | Recognised | EvidenceImages | Uint8Array;
