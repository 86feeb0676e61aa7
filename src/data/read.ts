import type { Box } from './box.js';
import type { Alternative } from './candidate.js';
import type { CaptureClock } from './frame.js';
import type { CameraId, ReadId } from './ids.js';

export type Direction = 'approaching' | 'receding' | 'left' | 'right' | 'still' | 'unknown';

/** The pictures that prove a read: JPEG bytes of the very frame that was read, and of the plate in it, with SHA-256 hex. */
export interface Evidence {
  readonly vehicle: Uint8Array;
  readonly vehicleSha256: string;
  readonly plate: Uint8Array;
  readonly plateSha256: string;
}

/**
 * The text of one vehicle pass (frames voted together). A read always has a camera, a capture time, a text, a confidence
 * and evidence: an incomplete one is rejected where it enters control [I.p1].
 */
export interface Read {
  readonly id: ReadId;
  readonly cameraId: CameraId;
  /** Normalised text: A-Z, 0-9. */
  readonly plate: string;
  readonly confidence: number;
  /** Most probable first, `alternatives[0].text === plate`. */
  readonly alternatives: readonly Alternative[];
  /** State or country of issuance; `null` when the reader is not sure. */
  readonly state: string | null;
  readonly stateConfidence: number;
  /** Capture time of the best frame, UTC milliseconds. */
  readonly capturedAtMs: number;
  readonly captureClock: CaptureClock;
  readonly firstSeenAtMs: number;
  readonly lastSeenAtMs: number;
  /** Frames whose reading took part in the vote. */
  readonly frameCount: number;
  readonly direction: Direction;
  /** Plate box in the best frame. */
  readonly box: Box;
  readonly evidence: Evidence;
  /** `<detector recipe>+<reader recipe>`. */
  readonly model: string;
}

/**
 * What an engine says of a pass: `early` as soon as two frames agree and the margin is stable (for alerting), again `early` when the text
 * changes, `final` once, when the vehicle has gone (for the bulk store). All carry the same `read.id`.
 */
export interface ReadReport {
  readonly stage: 'early' | 'final';
  readonly revision: number;
  readonly read: Read;
  /**
   * Told before. `whole`: nobody knows what became of it (an engine or control ended meanwhile); `history`: it was matched then, and only its
   * row in the history is missing.
   */
  readonly retold?: 'whole' | 'history';
}
