import type { Result } from '../data/result.js';
import type { Done } from '../policy/governance.js';
import type { PersonPrincipal } from '../policy/principal.js';
import type { Refusal } from '../policy/refusal.js';
import type { AuditQuestion, Look } from '../store/audit_log.js';
import type { AuditedReads } from './audited_reads.js';

/** What the routes of searches, cases, disclosures and the audit desk stand on. */
export interface HistoryServices {
  readonly reads: AuditedReads;
  readonly cases: {
    preserve(
      principal: PersonPrincipal,
      input: unknown,
    ): Promise<Result<Done & { readonly preserved: number; readonly missing: readonly string[] }, Refusal>>;
    dispose(
      principal: PersonPrincipal,
      caseNo: string,
    ): Promise<Result<Done & { readonly certificate: object; readonly certificateSha256: string }, Refusal>>;
  };
  readonly disclosures: {
    release(
      principal: PersonPrincipal,
      input: unknown,
    ): Promise<
      Result<
        { readonly name: string; readonly zip: Uint8Array; readonly packageSha256: string; readonly sequence: number },
        Refusal
      >
    >;
  };
  readonly desk: {
    looks(question: AuditQuestion): Promise<Look[]>;
    compare(): Promise<{ readonly records: number; readonly whole: boolean }>;
  };
}
