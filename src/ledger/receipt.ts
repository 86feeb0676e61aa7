import type { Receipt } from '../data/receipt.js';
import { ok, type Result } from '../data/result.js';
import type { LedgerFault } from './fault.js';
import type { Ledger } from './ledger.js';
import type { Draft, LedgerRecord } from './record.js';

/** What an access delivered; `sha256` is of the canonical result, before the first byte left. */
export interface Delivered {
  readonly count: number;
  readonly sha256: string;
  readonly bytes: number;
  readonly durationMs?: number;
}

/**
 * Records that somebody is about to see something. The receipt exists only once that is durable; whatever returns plates takes
 * one, so an unaudited query does not compile [III.G, IV.C.6.a].
 */
export async function intent(
  ledger: Ledger,
  draft: Omit<Draft, 'decision' | 'ref'>,
): Promise<Result<Receipt, LedgerFault>> {
  const request = { asked: draft.action, ...(draft.request !== undefined && { with: draft.request }) };
  const answer = await ledger.append({ ...draft, action: 'access.intent', request, decision: 'allow' });
  if (!answer.ok) return answer;
  const { seq, ts_utc, actor_id } = answer.value;
  return ok({ sequence: seq, actorId: actor_id, issuedAtMs: Date.parse(ts_utc) } as Receipt);
}

/** Records what was found, before the first byte of it leaves. Only after this has succeeded may the result be sent. */
export function outcome(
  ledger: Ledger,
  receipt: Receipt,
  delivered: Delivered,
): Promise<Result<LedgerRecord, LedgerFault>> {
  return ledger.append({
    action: 'access.outcome',
    ref: receipt.sequence,
    actor_id: receipt.actorId,
    actor_name: receipt.actorId,
    roles: [],
    decision: 'allow',
    result_count: delivered.count,
    result_sha256: delivered.sha256,
    bytes_out: delivered.bytes,
    ...(delivered.durationMs !== undefined && { duration_ms: Math.round(delivered.durationMs) }),
  });
}
