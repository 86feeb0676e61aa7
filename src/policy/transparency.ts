import type { GovernanceState } from './state.js';

/** Numbers for the annual review and the public report; no plate, no name [II.C, IV.G.1]. */
export interface TransparencyReport {
  readonly months: readonly string[];
  readonly searches: number;
  readonly answered: number;
  readonly abandoned: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly hits: Readonly<Record<string, number>>;
  readonly disclosures: Readonly<Record<string, number>>;
  readonly exceptions: number;
  readonly auditsClosed: number;
  readonly cameras: number;
  readonly users: number;
}

function tally(values: Iterable<string>): Record<string, number> {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1);
  return Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @param year of the records counted, e.g. `2026`. */
export function transparencyReport(state: GovernanceState, year: string): TransparencyReport {
  const months = [...state.counts.keys()].filter((month) => month.startsWith(year)).sort();
  const refusals: Record<string, number> = {};
  const count = (wanted: string) => months.reduce((sum, month) => sum + (state.counts.get(month)?.get(wanted) ?? 0), 0);
  for (const month of months) {
    for (const [key, times] of state.counts.get(month) ?? []) {
      const [, decision, code] = key.split(' ');
      if (decision === 'refuse' && code) refusals[code] = (refusals[code] ?? 0) + times;
    }
  }
  return {
    months,
    searches: count('access.intent allow'),
    answered: count('access.outcome allow'),
    abandoned: count('access.abandoned allow'),
    refusals,
    hits: tally([...state.hits.values()].map((hit) => hit.closed?.disposition ?? 'open')),
    disclosures: tally([...state.disclosures.values()].map((one) => one.kind)),
    exceptions: state.exceptions.size,
    auditsClosed: [...state.audits.values()].filter((audit) => audit.closedAtMs !== null).length,
    cameras: state.cameras.size,
    users: state.users.size,
  };
}
