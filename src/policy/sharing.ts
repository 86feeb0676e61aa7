import type { GovernanceState } from './state.js';

/** Sharing with an agency: under a live memorandum whose scope names it; the state agency alone needs none [IV.D.2, III.J]. */
export function hasAgreement(state: GovernanceState, agencyId: string, scope: string, nowMs: number): boolean {
  const agency = state.agencies.get(agencyId);
  if (agency?.kind === 'dcjis') return true;
  const mou = agency?.mou ?? null;
  return mou !== null && mou.fromMs <= nowMs && nowMs < mou.toMs && mou.scope.includes(scope);
}
