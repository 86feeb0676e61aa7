import type { FoundRead, FoundRow } from '../data/found.js';
import type { Result } from '../data/result.js';
import type { PersonPrincipal } from '../policy/principal.js';
import type { Refusal } from '../policy/refusal.js';
import type { SearchEnd } from '../store/read_history.js';

/** Reads as people get to see them: with a reason, recorded before and after, and never without [IV.A.5, IV.C.6.a]. */
export interface AuditedReads {
  search(principal: PersonPrincipal, asked: unknown): Promise<Result<SearchAnswer, Refusal | Waiting>>;
  /** One picture of one read; JPEG. */
  image(principal: PersonPrincipal, asked: unknown): Promise<Result<ImageAnswer, Refusal>>;
  /** A file with its digest, made whole and recorded before its first byte is given. */
  exportFile(principal: PersonPrincipal, asked: unknown): Promise<Result<ExportAnswer, Refusal | Waiting>>;
  /** What a case keeps; recorded like a search. */
  caseReads(principal: PersonPrincipal, asked: unknown): Promise<Result<CaseAnswer, Refusal>>;
  caseImage(principal: PersonPrincipal, asked: unknown): Promise<Result<ImageAnswer, Refusal>>;
  /** Searches that wait for a supervisor's agreement or have it, newest first. */
  cosigns(): readonly CosignRequest[];
}

/** The refusal of a search that a supervisor may still agree to: what is to be agreed to, word for word. */
export interface Waiting extends Refusal {
  readonly cosign: CosignRequest;
}

export interface CosignRequest {
  /** Ledger number of the refusal; repeat the search with it once it is agreed to. */
  readonly sequence: number;
  readonly userId: string;
  readonly action: string;
  readonly access: unknown;
  readonly why: string;
  readonly askedAtMs: number;
  readonly agreedUntilMs: number | null;
}

export interface SearchAnswer {
  readonly rows: readonly FoundRow[];
  readonly end: Extract<SearchEnd, { kind: 'end' }>;
  readonly fromMs: number;
  readonly toMs: number;
  /** Ledger numbers of the intent and the outcome. */
  readonly sequence: number;
  readonly outcomeSequence: number;
}

interface CaseAnswer {
  readonly rows: readonly FoundRead[];
  readonly sequence: number;
  readonly outcomeSequence: number;
}

export interface ImageAnswer {
  readonly jpeg: Uint8Array;
  readonly sha256: string;
  readonly sequence: number;
}

interface ExportAnswer {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
  readonly complete: boolean;
  readonly sequence: number;
  /** Gives the file once; it is deleted afterwards, also when the reader goes away. */
  stream(): AsyncIterable<Uint8Array>;
}
