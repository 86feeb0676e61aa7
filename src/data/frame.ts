import type { Box } from './box.js';
import type { CameraId } from './ids.js';

/** Where the capture time comes from: the camera's RTCP clock, our clock at reception, or a file's own timestamps. */
export type CaptureClock = 'rtcp' | 'receive' | 'file';

/**
 * Proof that a slot is held: no free slot, no frame. Its pixels lie in the slot (see `slot_layout.ts`) until the
 * outcome is known; whoever settles the frame releases the slot, once.
 */
export interface Frame {
  readonly cameraId: CameraId;
  /** Counts the camera's connections; a frame of an older generation is still valid but never starts a new pass. */
  readonly generation: number;
  /** Counts captured frames of this camera within one engine run, from 0. */
  readonly sequence: number;
  readonly capturedAtMs: number;
  readonly captureClock: CaptureClock;
  /** Our clock: from then on it gives way to a newer frame of its camera. `null`: never (files). */
  readonly lateAtMs: number | null;
  readonly slot: number;
  readonly width: number;
  readonly height: number;
  /** Where something moved, full-resolution pixels; empty = look everywhere. */
  readonly motion: readonly Box[];
}
