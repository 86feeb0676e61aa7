import type { FoundCompany, FoundHour, FoundPlate, FoundRead, FoundRow } from '../../data/found.js';

/** Searches of history as the API takes and answers them. */

export interface Reason {
  readonly basis: string;
  readonly facts: string;
  readonly caseNo: string | null;
  readonly orderNo: string | null;
}

export type SearchKind = 'reads' | 'plates' | 'hours' | 'co_travel';

/** Degrees, and metres around them. */
export interface AroundPlace {
  readonly latitude: number;
  readonly longitude: number;
  readonly radiusMetres: number;
}

export interface Criteria {
  readonly kind: SearchKind;
  readonly plate?: string;
  readonly wildcard?: string;
  readonly plates?: readonly string[];
  readonly ocrEquivalents?: boolean;
  readonly alternatives?: boolean;
  readonly state?: string;
  readonly cameras?: readonly string[];
  readonly area?: AroundPlace;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly confidenceMin?: number;
  readonly pageRows?: number;
  readonly cursor?: string;
  readonly byCamera?: boolean;
  readonly withinSeconds?: number;
  readonly camerasMin?: number;
}

export type ReadRow = FoundRead;
export type PlateRow = FoundPlate;
export type HourRow = FoundHour;
export type CompanyRow = FoundCompany;
export type { FoundRow };

export interface Found {
  readonly rows: readonly FoundRow[];
  readonly end: {
    readonly rows: number;
    readonly complete: boolean;
    readonly cursor: string | null;
    readonly sha256: string;
  };
  readonly fromMs: number;
  readonly toMs: number;
  /** The ledger's number of the question, and of its answer. */
  readonly sequence: number;
  readonly outcomeSequence: number;
}

/** A refusal that a supervisor's agreement lifts. */
export interface CosignAsked {
  readonly sequence: number;
  readonly why: string;
}

export interface CosignRow {
  readonly sequence: number;
  readonly userId: string;
  readonly action: string;
  readonly access: { readonly reason?: Reason } & Readonly<Record<string, unknown>>;
  readonly why: string;
  readonly askedAtMs: number;
  readonly agreedUntilMs: number | null;
}
