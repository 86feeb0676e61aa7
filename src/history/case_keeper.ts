import { hash } from 'node:crypto';
import type { HistoryServices } from '../api/history_services.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Log } from '../observe/log.js';
import type { Done, Governance } from '../policy/governance.js';
import type { Journal, JournalRecord } from '../policy/journal.js';
import type { PersonPrincipal } from '../policy/principal.js';
import { type Refusal, refusal } from '../policy/refusal.js';
import type { GovernanceState } from '../policy/state.js';
import type { Hold } from '../store/retention.js';
import type { Store } from '../store/store.js';

/** What the ledger says a case keeps is kept: copied when it is said, looked after at every start, deleted at its disposal [IV.F.2]. */
export interface CaseKeeper {
  /** Open holds, for retention. */
  holds(): readonly Hold[];
  /** Copies whatever open cases name and do not have yet. @returns reads that are not in the store (any more) */
  reconcile(): Promise<readonly string[]>;
  /** Its input is that of the command `hold.open`. */
  readonly preserve: HistoryServices['cases']['preserve'];
  dispose(
    principal: PersonPrincipal,
    caseNo: string,
  ): Promise<Result<Done & { readonly certificate: DisposalCertificate; readonly certificateSha256: string }, Refusal>>;
  close(): Promise<void>;
}

/** What was destroyed when a case was over; its digest is in the ledger. */
interface DisposalCertificate {
  readonly caseNo: string;
  readonly atMs: number;
  readonly by: string;
  readonly readIds: readonly string[];
}

export function openCaseKeeper(parts: {
  readonly governance: Governance;
  readonly ledger: Journal;
  readonly store: Store;
  readonly log: Log;
}): CaseKeeper {
  const { governance, ledger, store, log } = parts;
  let work: Promise<unknown> = Promise.resolve();

  /** Copies take turns, so that a disposal never meets a copy of the same case. */
  function inTurn<Value>(job: () => Promise<Value>): Promise<Value> {
    const next = work.then(job);
    work = next.catch(() => undefined);
    return next;
  }

  const holds = () => openHolds(governance.state());

  async function copyAll(): Promise<readonly string[]> {
    const missing: string[] = [];
    for (const hold of holds()) missing.push(...(await store.held.preserve(hold.caseNumber, hold.readIds)).missing);
    return missing;
  }

  /** A read may be named before it is in the store: a vehicle still in view. The next look finds it. */
  function hear({ action, decision }: JournalRecord): void {
    if (decision !== 'allow' || (action !== 'hold.open' && action !== 'hit.close')) return;
    inTurn(copyAll).catch(() => log.error({}, 'case copy failed'));
  }
  const unsubscribe = ledger.subscribe(hear);

  return {
    holds,
    reconcile: () => inTurn(copyAll),
    async preserve(principal, input) {
      const done = await governance.execute({ action: 'hold.open', input }, principal);
      if (!done.ok) return done;
      const { caseNo, readIds } = done.value.record.effect as { caseNo: string; readIds: string[] };
      try {
        const { preserved, missing } = await inTurn(() => store.held.preserve(caseNo, readIds));
        return ok({ ...done.value, preserved, missing });
      } catch {
        return fail(
          refusal(
            'STORE_UNAVAILABLE',
            'IV.F.2',
            'the hold is recorded; its copies will be made when the store answers again',
          ),
        );
      }
    },
    async dispose(principal, caseNo) {
      const hold = governance.state().holds.get(caseNo);
      const readIds = [...(hold?.readIds ?? [])].sort();
      const certificate = { caseNo, atMs: governance.nowMs(), by: principal.userId, readIds };
      const certificateSha256 = hash('sha256', JSON.stringify(certificate), 'hex');
      const done = await governance.execute(
        { action: 'hold.dispose', input: { caseNo, certificateSha256 } },
        principal,
      );
      if (!done.ok) return done;
      try {
        await inTurn(() => store.held.dispose(caseNo));
      } catch {
        return fail(
          refusal('STORE_UNAVAILABLE', 'IV.F.2', 'the disposal is recorded; ask for it again when the store answers'),
        );
      }
      return ok({ ...done.value, certificate, certificateSha256 });
    },
    async close() {
      unsubscribe();
      await work;
    },
  };
}

/** What the store may not forget yet. */
export function openHolds(state: Readonly<GovernanceState>): Hold[] {
  return [...state.holds.values()]
    .filter((hold) => hold.disposedAtMs === null)
    .map((hold) => ({ caseNumber: hold.caseNo, readIds: hold.readIds }));
}
