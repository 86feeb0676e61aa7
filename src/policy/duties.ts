import { disposalsDue } from './areas/retention.js';
import { dayMs } from './command.js';
import { type Level, levelOf, type Policy } from './policy_file.js';
import type { GovernanceState } from './state.js';
import { trainedUntilMs } from './training.js';

/** Something somebody must do, and that is late or missing; shown on every administrator page until done. */
export interface Duty {
  readonly clause: string;
  readonly level: Level;
  readonly owner: 'administrator' | 'supervisor' | 'technician' | 'training' | 'records';
  readonly sentence: string;
  readonly overdueDays: number;
}

function daysLate(sinceMs: number, everyDays: number, nowMs: number): number {
  return Math.floor((nowMs - sinceMs) / dayMs) - everyDays;
}

/** When the next quarterly audit must be closed; `null` before the first record [IV.C.6.b]. */
export function auditDueMs(state: GovernanceState, policy: Policy): number | null {
  if (state.firstRecordMs === 0) return null;
  return auditedUntilMs(state) + policy.numbers.auditEveryDays * dayMs;
}

/** The last audit's end, or the beginning. */
function auditedUntilMs(state: GovernanceState): number {
  return Math.max(state.firstRecordMs, ...[...state.audits.values()].map((audit) => audit.closedAtMs ?? 0));
}

/** Days by which the quarterly audit is late; negative while it is not [IV.C.6.b, IV.B.1.a(5)]. */
export function auditOverdueDays(state: GovernanceState, policy: Policy, nowMs: number): number {
  return daysLate(auditedUntilMs(state), policy.numbers.auditEveryDays, nowMs);
}

export function missingProtocols(state: GovernanceState, policy: Policy): string[] {
  return policy.protocols.filter((kind) => !state.protocols.has(kind));
}

/** Everything that is late at this moment. */
export function dutiesDue(state: GovernanceState, policy: Policy, nowMs: number): Duty[] {
  const due: Duty[] = [];
  const add = (clause: string, owner: Duty['owner'], sentence: string, overdueDays = 0) =>
    due.push({ clause, level: levelOf(policy, clause), owner, sentence, overdueDays });
  if (state.principalUserId === null) add('IV.B.1.a', 'administrator', 'no administrator is named');
  for (const kind of missingProtocols(state, policy))
    add('IV.B.1.a(1)', 'administrator', `approve the protocol ${kind}`);
  const auditLate = auditOverdueDays(state, policy, nowMs);
  if (auditLate > 0) add('IV.B.1.a(5)', 'administrator', 'the quarterly audit is late', auditLate);
  const reviewLate = daysLate(state.lastReviewMs ?? state.firstRecordMs, policy.numbers.reviewEveryDays, nowMs);
  if (reviewLate > 0) add('IV.G.1', 'administrator', 'the annual review of the policy is late', reviewLate);
  for (const [id, report] of state.rosterReports) {
    const late = daysLate(report.sentAtMs, policy.numbers.trainingReportDays, nowMs);
    if (report.acknowledgedAtMs === null && late > 0) add('IV.B.2.a(2)', 'training', `acknowledge roster ${id}`, late);
  }
  for (const hit of state.hits.values()) {
    const late = hit.closed === null && hit.status === null && hit.deferral !== null && nowMs > hit.deferral.dueMs;
    if (late) add('IV.A.8.a(2)', 'supervisor', `check the status of ${hit.hitId}`);
  }
  for (const deployment of state.deployments.values()) {
    if (deployment.needsRatification) add('IV.A.6', 'administrator', `ratify ${deployment.deploymentId}`);
  }
  for (const camera of state.cameras.values()) {
    const late = daysLate(camera.checkedAtMs ?? 0, policy.numbers.cameraCheckDays, nowMs);
    if (camera.approvedBy !== null && late >= 0)
      add('IV.B.2.a(3)', 'technician', `check camera ${camera.cameraId}`, late);
  }
  for (const caseNo of disposalsDue(state, policy, nowMs))
    add('IV.F.2', 'records', `dispose of the data of case ${caseNo}`);
  const enough = operatorsAt(state, policy, nowMs + policy.numbers.staffingLookAheadDays * dayMs);
  if (enough < policy.numbers.operatorsMin) {
    add(
      'IV.B.2.a(6)',
      'technician',
      `only ${enough} operators will be trained in ${policy.numbers.staffingLookAheadDays} days`,
    );
  }
  return due;
}

/** Operators and supervisors whose designation and training reach that moment [IV.B.2.a(6)]. */
function operatorsAt(state: GovernanceState, policy: Policy, atMs: number): number {
  const designated = [...state.designations.values()].filter(
    (one) =>
      ['operator', 'supervisor'].includes(one.role) &&
      one.revokedAtMs === null &&
      (one.toMs === null || one.toMs > atMs),
  );
  const users = new Set(designated.map((one) => one.userId));
  return [...users].filter((userId) => (trainedUntilMs(state, policy, userId) ?? 0) >= atMs).length;
}
