import type { RejectReason } from './row.js';

/** What an import came to: kept in `imports.jsonl`, printed by the command, shown by the API. Never holds a line's content. */
export interface ImportReport {
  readonly source: string;
  readonly atMs: number;
  readonly outcome: 'loaded' | 'unchanged' | 'refused';
  /** Why nothing was loaded. */
  readonly refusal: Refusal | null;
  /** The version that holds it. */
  readonly version: number | null;
  readonly sha256: string;
  readonly bytes: number;
  readonly compiledAtMs: number;
  /** `rows = kept + duplicates + dropped + rejected`. */
  readonly rows: number;
  readonly kept: number;
  readonly duplicates: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly rejects: readonly (readonly [line: number, reason: RejectReason])[];
  readonly statesNormalised: number;
  /** Its signature was checked with the source's key. */
  readonly signed: boolean;
  /** Who answered for a row count that moved further than the settings allow. */
  readonly approvedBy: string | null;
}

export type RefusalCode =
  | 'UNREADABLE'
  | 'SIGNATURE_INVALID'
  | 'TOO_MANY_REJECTED'
  | 'OLDER_COPY'
  | 'FROM_THE_FUTURE'
  | 'COUNT_MOVED';

export interface Refusal {
  readonly code: RefusalCode;
  readonly clause: 'III.M';
  readonly sentence: string;
}
