import { hash } from 'node:crypto';
import { z } from 'zod';
import { foldPlate } from './areas/fields.js';
import { retentionDays } from './areas/retention.js';
import { dayMs, hourMs } from './command.js';
import { auditOverdueDays, missingProtocols } from './duties.js';
import { levelOf, type Policy } from './policy_file.js';
import { checkReason, reasonInput } from './reason.js';
import { need, type Refusal } from './refusal.js';
import { hasAgreement } from './sharing.js';
import type { GovernanceState } from './state.js';

/** A request that shows plates, normalised; what the intent in the ledger says was asked [IV.A.5]. */
export const accessInput = z.strictObject({
  reason: reasonInput,
  /** `?` stands for one character, `*` for any run; `null` asks for all plates. */
  plate: z.string().trim().max(16).nullable().default(null),
  /** Further plates of the same search; each counts as one more search of its own. */
  plates: z.array(z.string().trim().min(1).max(16)).max(100).default([]),
  /** What else the search asks, as it is run: kind, area, look-alikes, alternatives. */
  criteria: z.json().default(null),
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
  const { state, cameras, fromMs, toMs, rows, objectId, criteria } = access;
  const asked = [targetsOf(access), state, [...cameras].sort(), fromMs, toMs, rows, objectId, criteria];
  return hash('sha256', JSON.stringify(asked), 'hex');
}

/** The plates asked for, folded; `null` among them stands for all plates. */
export function targetsOf({ plate, plates }: Pick<Access, 'plate' | 'plates'>): (string | null)[] {
  const first = plate === null && plates.length > 0 ? [] : [plate];
  return [...first, ...plates].map((one) => (one === null ? null : foldPlate(one)));
}

interface Asked {
  readonly state: GovernanceState;
  readonly policy: Policy;
  readonly nowMs: number;
  readonly userId: string;
  readonly action: string;
  readonly access: Access;
}

/** Earlier searches of one plate by this user for another or no case, within the window. */
function repeats({ state, policy, nowMs, userId, access }: Asked, target: string): number {
  const sinceMs = nowMs - policy.numbers.repeatTargetDays * dayMs;
  const sameCase = (caseNo: string | null) => caseNo !== null && caseNo === access.reason.caseNo;
  return state.searches.filter(
    (s) => !s.look && s.userId === userId && s.plate === target && s.atMs > sinceMs && !sameCase(s.caseNo),
  ).length;
}

/** @returns why a supervisor has to agree to this search, or `null`. */
function cosignReason(asked: Asked): string | null {
  const { numbers } = asked.policy;
  if (asked.action === 'case.read') return null;
  for (const target of targetsOf(asked.access)) {
    if (target === null) return 'a search for all plates';
    const known = target.replace(/[?*]/g, '').length;
    if (known < numbers.searchKnownCharsMin) return `fewer than ${numbers.searchKnownCharsMin} known characters`;
    const again = !isLook(asked.action) && repeats(asked, target) >= numbers.repeatTargetMax;
    if (again) return 'the same plate again and again without the same case';
  }
  if (asked.action === 'reads.export' && asked.access.rows > numbers.exportRowsMax)
    return `an export of more than ${numbers.exportRowsMax} rows`;
  return null;
}

/** A look at what a search has found already, or at what a case keeps: no search of its own. */
export function isLook(action: string): boolean {
  return action === 'reads.image' || action === 'case.read';
}

/** A supervisor has agreed to exactly this, and not too long ago. */
function isCosigned({ state, nowMs, userId, access }: Asked): boolean {
  const digest = digestOfAccess(access);
  return [...state.cosigns.values()].some(
    (c) => c.forUser === userId && c.requestSha256 === digest && nowMs < c.untilMs,
  );
}

/** The rules of a request that shows plates, in order, after the gates. */
export function* accessRules(asked: Asked): Iterable<Refusal | null> {
  const { state, policy, nowMs, userId, action, access } = asked;
  const { numbers } = policy;
  yield checkReason(policy, access.reason);
  const forWhom = access.onBehalfOf?.agencyId ?? null;
  const agreed = forWhom === null || hasAgreement(state, forWhom, 'case_data', nowMs);
  yield need(agreed, 'MOU_REQUIRED', 'IV.D.2', 'no search for another agency without a live agreement that covers it');
  const missing = levelOf(policy, 'IV.B.1.a(1)') === 'refuse' ? missingProtocols(state, policy) : [];
  yield need(
    missing.length === 0,
    'PROTOCOL_MISSING',
    'IV.B.1.a(1)',
    `approve the protocols ${missing.join(', ')} first`,
  );
  const late = auditOverdueDays(state, policy, nowMs);
  const blocked = action === 'reads.export' ? numbers.auditBlockExportsDays : numbers.auditBlockSearchesDays;
  yield need(
    late <= blocked,
    'AUDIT_OVERDUE',
    'IV.B.1.a(5)',
    `the quarterly audit is ${late} days late; close it first`,
  );
  const why = cosignReason(asked);
  const signed = why !== null && isCosigned(asked);
  // A search that waited for its co-sign may begin as much earlier; what is past retention stays hidden all the same.
  const waitedMs = signed ? numbers.cosignHours * hourMs : 0;
  const oldestMs = nowMs - retentionDays(state, policy) * dayMs - waitedMs;
  const inWindow = access.fromMs >= oldestMs && access.toMs > access.fromMs;
  const window = `ask for a window within the last ${retentionDays(state, policy)} days`;
  yield need(action === 'case.read' || inWindow, 'RETENTION_OUT_OF_RANGE', 'IV.A.5', window);
  const rowsMax = action === 'reads.export' ? numbers.exportRowsCosignedMax : numbers.searchRowsMax;
  yield need(access.rows <= rowsMax, 'RATE_LIMITED', 'IV.A.5', `at most ${rowsMax} rows`);
  if (action === 'reads.export') {
    yield need(access.reason.caseNo !== null, 'CASE_NUMBER_REQUIRED', 'IV.F.2', 'what is downloaded belongs to a case');
  }
  const look = isLook(action);
  const recent = state.searches.filter((s) => s.look === look && s.userId === userId && s.atMs > nowMs - hourMs).length;
  const hourly = look ? numbers.looksPerHourMax : numbers.searchesPerHourMax;
  const asking = look ? 1 : targetsOf(access).length;
  yield need(
    recent + asking <= hourly,
    'RATE_LIMITED',
    'IV.A.5',
    `at most ${hourly} ${look ? 'pictures' : 'searches'} an hour`,
  );
  if (why !== null) yield need(signed, 'EXCEPTION_REQUIRED', 'IV.A.5', `${why} needs a supervisor to agree`);
}
