import type { CosignRequest } from '../api/audited_reads.js';
import type { Journal, JournalRecord } from '../policy/journal.js';
import { accessInput, digestOfAccess } from '../policy/search.js';

/** Searches refused for want of a supervisor's agreement: found again in the ledger, so a restart loses none. */
export interface Cosigns {
  list(): readonly CosignRequest[];
  get(sequence: number): CosignRequest | null;
  close(): void;
}

const keptMs = 24 * 3_600_000;
const keptMax = 1_000;

interface Kept extends CosignRequest {
  readonly digest: string;
}

/** @param nowMs older requests are forgotten: they are asked again. */
export function openCosigns(ledger: Journal, nowMs: () => number): Cosigns {
  const kept = new Map<number, Kept>();

  function hear(record: JournalRecord): void {
    if (record.code === 'EXCEPTION_REQUIRED' && record.action.startsWith('reads.')) remember(record);
    else if (record.action === 'search.cosign' && record.decision === 'allow') agree(record);
  }

  function remember(record: JournalRecord): void {
    const access = accessInput.safeParse({ ...(record.request as object), reason: record.reason });
    if (!access.success) return;
    const asked = {
      sequence: record.seq,
      userId: record.actor_id,
      action: record.action,
      access: access.data,
      why: access.data.reason.facts,
      askedAtMs: Date.parse(record.ts_utc),
      agreedUntilMs: null,
    };
    kept.set(record.seq, { ...asked, digest: digestOfAccess(access.data) });
    if (kept.size > keptMax) kept.delete(kept.keys().next().value as number);
  }

  function agree(record: JournalRecord): void {
    const { forUser, requestSha256, untilMs } = record.effect as {
      forUser: string;
      requestSha256: string;
      untilMs: number;
    };
    for (const one of kept.values()) {
      if (one.userId === forUser && one.digest === requestSha256)
        kept.set(one.sequence, { ...one, agreedUntilMs: untilMs });
    }
  }

  const fresh = (one: Kept) => nowMs() - one.askedAtMs < keptMs || (one.agreedUntilMs ?? 0) > nowMs();
  ledger.replay(1, (record) => {
    if (nowMs() - Date.parse(record.ts_utc) < 2 * keptMs) hear(record);
    return true;
  });
  const close = ledger.subscribe(hear);
  return {
    list: () =>
      [...kept.values()]
        .filter(fresh)
        .reverse()
        .map(({ digest: _digest, ...one }) => one),
    get(sequence) {
      const one = kept.get(sequence);
      return one && fresh(one) ? one : null;
    },
    close,
  };
}
