import type { ImagePlace } from './image_place.js';

/** A stored read, as a search shows it. */
export interface FoundRead {
  readonly kind: 'read';
  readonly readId: string;
  readonly capturedAtMs: number;
  readonly cameraId: string;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
  readonly plate: string;
  readonly state: string | null;
  readonly stateConfidence: number;
  readonly confidence: number;
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[];
  readonly direction: string;
  readonly dwellMs: number;
  readonly captureClock: string;
  /** Null: its images were not kept. */
  readonly image: ImagePlace | null;
  /** 96 bits, hex; see `evidenceDigest`. */
  readonly evidenceDigest: string;
  readonly model: string;
  readonly listVersion: number;
}

/** When a plate was first and last seen, how often and at how many cameras. */
export interface FoundPlate {
  readonly kind: 'plate';
  readonly plate: string;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly reads: number;
  readonly cameras: number;
  readonly states: readonly string[];
}

export interface FoundHour {
  readonly kind: 'hour';
  readonly hourMs: number;
  /** Null: all cameras that were asked for together. */
  readonly cameraId: string | null;
  readonly reads: number;
  readonly plates: number;
}

/** A plate that was seen near another one, again and again. */
export interface FoundCompany {
  readonly kind: 'company';
  readonly plate: string;
  readonly cameras: number;
  readonly reads: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

export type FoundRow = FoundRead | FoundPlate | FoundHour | FoundCompany;

/** What an answer says of itself. A list without it was cut off on its way: show it as incomplete. */
export interface FoundEnd {
  readonly kind: 'end';
  readonly rows: number;
  /** False: there is more; ask again with `cursor` (null where a narrower question is the only way). */
  readonly complete: boolean;
  readonly cursor: string | null;
  /** Of the rows as canonical JSON lines, hex; the ledger's outcome record carries it. */
  readonly sha256: string;
  readonly bytes: number;
  readonly keptAfterMs: number;
  readonly receiptSequence: number;
}
