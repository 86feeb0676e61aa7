import type { Candidate } from './candidate.js';

/** Policy said so. `late`: it had waited too long, or the camera's stream had. `overload`: not even decoded, so that others come through. */
export type DropReason = 'no_slot' | 'late' | 'overload';
/** Nobody wanted it. */
type FailReason = 'engine_error' | 'engine_lost' | 'bad_frame';
export type EmptyReason = 'no_motion' | 'no_candidate' | 'nothing_legible' | 'tracked';

/** How a captured frame ended; every captured frame has exactly one. */
export type FrameOutcome =
  | { readonly kind: 'read'; readonly candidates: readonly Candidate[]; readonly stageMs: StageMs }
  | { readonly kind: 'empty'; readonly reason: EmptyReason; readonly stageMs: StageMs }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  | { readonly kind: 'failed'; readonly reason: FailReason; readonly message: string };

/** Milliseconds spent in each stage of the pipeline by one frame. */
interface StageMs {
  readonly queue: number;
  readonly detect: number;
  readonly read: number;
}

/** `captured = inFlight + read + empty + dropped + failed`, at any moment, for every camera. */
export interface FrameCounts {
  captured: number;
  inFlight: number;
  read: number;
  empty: number;
  dropped: number;
  failed: number;
}

export function noFrames(): FrameCounts {
  return { captured: 0, inFlight: 0, read: 0, empty: 0, dropped: 0, failed: 0 };
}

export function isBalanced(c: Readonly<FrameCounts>): boolean {
  return c.captured === c.inFlight + c.read + c.empty + c.dropped + c.failed;
}
