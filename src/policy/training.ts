import type { Policy } from './policy_file.js';
import type { Certificate, GovernanceState } from './state.js';

/** What an initial training must cover [IV.E.1]. */
export const trainingModules = ['operation', 'data_security', 'policy'] as const;

export type TrainingStanding = 'current' | 'missing' | 'expired';

/** The same calendar moment some years later; 29 February becomes 28 February, never a day more. */
export function yearsLater(ms: number, years: number): number {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCFullYear(date.getUTCFullYear() + years);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}

function latest(certificates: readonly Certificate[], kind: Certificate['kind']): Certificate | undefined {
  return certificates.filter((one) => one.kind === kind).sort((a, b) => b.atMs - a.atMs)[0];
}

/** When a user's training ends: the earlier of the policy's and the CJIS clock, and of requirements raised since; `null` = never trained. */
export function trainedUntilMs(state: GovernanceState, policy: Policy, userId: string): number | null {
  const certificates = state.certificates.get(userId) ?? [];
  const alpr = latest(certificates, 'alpr');
  const cjis = latest(certificates, 'cjis_security');
  if (alpr === undefined || cjis === undefined) return null;
  if (!trainingModules.every((module) => alpr.modules.includes(module))) return null;
  const raised = state.trainingRequirements.filter((one) => one.raisedAtMs > alpr.atMs).map((one) => one.dueMs);
  return Math.min(
    yearsLater(alpr.atMs, policy.numbers.trainingYears),
    yearsLater(cjis.atMs, policy.numbers.cjisTrainingYears),
    ...raised,
  );
}

/** Two clocks gate together [IV.E.1, IV.E.2]: training is current up to and including its last second. */
export function trainingStanding(
  state: GovernanceState,
  policy: Policy,
  userId: string,
  nowMs: number,
): TrainingStanding {
  const untilMs = trainedUntilMs(state, policy, userId);
  if (untilMs === null) return 'missing';
  return nowMs <= untilMs ? 'current' : 'expired';
}
