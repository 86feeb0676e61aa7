import type { Category } from './category.js';
import type { Read } from './read.js';

/** What is wanted about a vehicle, for a person to compare with the picture; every field may be unknown. */
interface VehicleDescription {
  readonly make?: string;
  readonly model?: string;
  readonly colour?: string;
  readonly year?: number;
}

/** One line of a hot list, normalised. Immutable; a change is a new entry in a new list version. */
export interface HotListEntry {
  readonly entryId: string;
  /** Normalised plate; manual entries may hold `?` (one character) and `*` (any run). */
  readonly plate: string;
  readonly state: string | null;
  readonly category: Category;
  /** The list it came from, e.g. `ncic`, `manual`. */
  readonly source: string;
  readonly vehicle: VehicleDescription | null;
  /** Agency to be told of a hit, if not our own. */
  readonly originatingAgency: string | null;
  readonly expiresAtMs: number | null;
  readonly reason: string | null;
}

/** Which list an entry was matched against. */
export interface HotListVersion {
  readonly version: number;
  /** SHA-256 hex of the canonical snapshot. */
  readonly sha256: string;
  /** When the source says the list was compiled. */
  readonly compiledAtMs: number;
  readonly loadedAtMs: number;
  readonly entries: number;
}

export type StateAgreement = 'agree' | 'unknown' | 'conflict';

/** A read that equals a hot-list entry (or, `possible`, equals it up to characters that OCR confuses). */
export interface Match {
  readonly kind: 'exact' | 'possible' | 'wildcard';
  readonly read: Read;
  /** The text of the read that matched: `read.plate` or one of its alternatives. */
  readonly matchedText: string;
  readonly entry: HotListEntry;
  readonly list: HotListVersion;
  readonly listAgeMs: number;
  /** Older than its maximum age: shown as STALE. */
  readonly stale: boolean;
  readonly stateAgreement: StateAgreement;
  /** Probability that this vehicle really carries the wanted plate, 0..1. */
  readonly chance: number;
}
