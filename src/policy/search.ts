import { hash } from 'node:crypto';
import { z } from 'zod';
import { foldPlate } from './areas/fields.js';
import { retentionDays } from './areas/retention.js';
import { dayMs, hourMs } from './command.js';
import { auditOverdueDays, missingProtocols } from './duties.js';
import { levelOf, type Policy } from './policy_file.js';
import { checkReason, reasonInput } from './reason.js';
import { need, type Refusal } from './refusal.js';
import type { GovernanceState } from './state.js';

/** A request that shows plates, normalised; what the intent in the ledger says was asked [IV.A.5]. */
export const accessInput = z.strictObject({
  reason: reasonInput,
  /** `?` stands for one character, `*` for any run; `null` asks for all plates. */
  plate: z.string().trim().max(16).nullable().default(null),
  state: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .nullable()
    .default(null),
  cameras: z.array(z.string().max(64)).min(1).max(1000),
  fromMs: z.int().min(0),
  toMs: z.int().min(0),
  rows: z.int().min(1),
  /** The read or case a detail, image or export is about. */
  objectId: z.string().max(96).nullable().default(null),
  onBehalfOf: z
    .strictObject({ agencyId: z.string().max(96), requestor: z.string().max(120) })
    .nullable()
    .default(null),
});
export type Access = z.infer<typeof accessInput>;

/** What a co-sign is about: everything but the words of the reason. */
export function digestOfAccess(access: Access): string {
  const { plate, state, cameras, fromMs, toMs, rows, objectId } = access;
  const folded = plate === null ? null : foldPlate(plate);
  return hash('sha256', JSON.stringify([folded, state, [...cameras].sort(), fromMs, toMs, rows, objectId]), 'hex');
}

interface Asked {
  readonly state: GovernanceState;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly userId: string;
  readonly action: string;
  readonly access: Access;
}

/** Earlier searches of this plate by this user for another or no case, within the window. */
function repeats({ state, policy, nowMs, userId, access }: Asked): number {
  if (access.plate === null) return 0;
  const target = foldPlate(access.plate);
  const sinceMs = nowMs - policy.numbers.repeatTargetDays * dayMs;
  const sameCase = (caseNo: string | null) => caseNo !== null && caseNo === access.reason.caseNo;
  return state.searches.filter(
    (s) => s.userId === userId && s.plate === target && s.atMs > sinceMs && !sameCase(s.caseNo),
  ).length;
}

/** @returns why a supervisor has to agree to this search, or `null`. */
export function cosignReason(asked: Asked): string | null {
  const { numbers } = asked.policy;
  const { plate, rows } = asked.access;
  if (plate === null) return 'a search for all plates';
  const known = foldPlate(plate).replace(/[?*]/g, '').length;
  if (known < numbers.searchKnownCharsMin) return `fewer than ${numbers.searchKnownCharsMin} known characters`;
  if (asked.action === 'reads.export' && rows > numbers.exportRowsMax)
    return `an export of more than ${numbers.exportRowsMax} rows`;
  if (repeats(asked) >= numbers.repeatTargetMax) return 'the same plate again and again without the same case';
  return null;
}

/** The rules of a request that shows plates, in order, after the gates. */
export function* accessRules(asked: Asked): Iterable<Refusal | null> {
  const { state, policy, nowMs, userId, action, access } = asked;
  const { numbers } = policy;
  yield checkReason(policy, access.reason);
  const missing = levelOf(policy, 'IV.B.1.a(1)') === 'refuse' ? missingProtocols(state, policy) : [];
  yield need(
    missing.length === 0,
    'PROTOCOL_MISSING',
    'IV.B.1.a(1)',
    `approve the protocols ${missing.join(', ')} first`,
  );
  yield need(state.principalUserId !== null, 'PROTOCOL_MISSING', 'IV.B.1.a', 'no administrator is named');
  const late = auditOverdueDays(state, policy, nowMs);
  const blocked = action === 'reads.export' ? numbers.auditBlockExportsDays : numbers.auditBlockSearchesDays;
  yield need(
    late <= blocked,
    'AUDIT_OVERDUE',
    'IV.B.1.a(5)',
    `the quarterly audit is ${late} days late; close it first`,
  );
  const oldestMs = nowMs - retentionDays(state, policy) * dayMs;
  const inWindow = access.fromMs >= oldestMs && access.toMs > access.fromMs;
  const window = `ask for a window within the last ${retentionDays(state, policy)} days`;
  yield need(action === 'case.read' || inWindow, 'RETENTION_OUT_OF_RANGE', 'IV.A.5', window);
  yield need(access.rows <= numbers.searchRowsMax, 'RATE_LIMITED', 'IV.A.5', `at most ${numbers.searchRowsMax} rows`);
  if (action === 'reads.export') {
    yield need(access.reason.caseNo !== null, 'CASE_NUMBER_REQUIRED', 'IV.F.2', 'what is downloaded belongs to a case');
  }
  const recent = state.searches.filter((s) => s.userId === userId && s.atMs > nowMs - hourMs).length;
  yield need(
    recent < numbers.searchesPerHourMax,
    'RATE_LIMITED',
    'IV.A.5',
    `at most ${numbers.searchesPerHourMax} searches an hour`,
  );
  const why = cosignReason(asked);
  if (why !== null) {
    const digest = digestOfAccess(access);
    const signed = [...state.cosigns.values()].some(
      (c) => c.forUser === userId && c.requestSha256 === digest && nowMs < c.untilMs,
    );
    yield need(signed, 'EXCEPTION_REQUIRED', 'IV.A.5', `${why} needs a supervisor to agree`);
  }
}
