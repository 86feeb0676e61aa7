import type { GovernanceState, Hit } from './state.js';

/** Numbers for the annual review and the public report; no plate, no name [II.C, IV.G.1]. */
export interface TransparencyReport {
  readonly year: string;
  readonly months: readonly string[];
  readonly searches: number;
  readonly exports: number;
  readonly images: number;
  /** Of all of these. */
  readonly answered: number;
  readonly abandoned: number;
  readonly refusals: Readonly<Record<string, number>>;
  /** Hits opened in the year by what came of them. */
  readonly hits: Readonly<Record<string, number>>;
  /** Hits a person compared and found to be another plate: the machine's mistakes. */
  readonly misreads: number;
  /** From the hit to the comparison by a person; `null` where there was none. */
  readonly verification: {
    readonly verified: number;
    readonly medianSeconds: number | null;
    readonly p90Seconds: number | null;
  };
  readonly disclosures: Readonly<Record<string, number>>;
  readonly exceptions: number;
  readonly audits: { readonly opened: number; readonly findings: number; readonly closed: number };
  readonly incidents: Readonly<
    Record<'suspectedMisuse' | 'usersFrozen' | 'camerasTakenOut' | 'suspensions' | 'tickets', number>
  >;
  readonly legalItems: number;
  readonly recommendations: number;
  /** At the end of the ledger. */
  readonly cameras: number;
  readonly users: number;
}

function tally(values: Iterable<string>): Record<string, number> {
  const counted = new Map<string, number>();
  for (const value of values) counted.set(value, (counted.get(value) ?? 0) + 1);
  return Object.fromEntries([...counted].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refusalsOf(counts: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const refusals: Record<string, number> = {};
  for (const [key, times] of counts.flatMap((month) => [...month])) {
    const [, decision, code] = key.split(' ');
    if (decision === 'refuse' && code) refusals[code] = (refusals[code] ?? 0) + times;
  }
  return refusals;
}

function verificationOf(hits: readonly Hit[]): TransparencyReport['verification'] {
  const seconds = hits
    .flatMap(({ verified, openedAtMs }) => (verified ? [(verified.atMs - openedAtMs) / 1000] : []))
    .sort((a, b) => a - b);
  const at = (share: number) => seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? null;
  return { verified: seconds.length, medianSeconds: at(0.5), p90Seconds: at(0.9) };
}

/** @param year of the records counted (UTC), e.g. `2026`. */
export function transparencyReport(state: GovernanceState, year: string): TransparencyReport {
  const months = [...state.counts.keys()].filter((month) => month.startsWith(year)).sort();
  const counts = months.map((month) => state.counts.get(month) ?? new Map<string, number>());
  const count = (wanted: string) => counts.reduce((sum, month) => sum + (month.get(wanted) ?? 0), 0);
  const done = (action: string) => count(`${action} allow`);
  const ofYear = (ms: number) => new Date(ms).toISOString().startsWith(year);
  const hits = [...state.hits.values()].filter((hit) => ofYear(hit.openedAtMs));
  return {
    year,
    months,
    searches: count('asked reads.search'),
    exports: count('asked reads.export'),
    images: count('asked reads.image') + count('asked alert.image'),
    answered: done('access.outcome'),
    abandoned: done('access.abandoned'),
    refusals: refusalsOf(counts),
    hits: tally(hits.map((hit) => hit.closed?.disposition ?? 'open')),
    misreads: hits.filter((hit) => hit.closed?.disposition === 'mismatch').length,
    verification: verificationOf(hits),
    disclosures: tally([...state.disclosures.values()].filter((one) => ofYear(one.atMs)).map((one) => one.kind)),
    exceptions: done('exception.grant'),
    audits: { opened: done('audit.open'), findings: done('audit.find'), closed: done('audit.close') },
    incidents: {
      suspectedMisuse: done('misuse.flag'),
      usersFrozen: done('user.freeze'),
      camerasTakenOut: done('camera.take_out'),
      suspensions: done('system.suspend'),
      tickets: done('ticket.open'),
    },
    legalItems: done('legal.record'),
    recommendations: done('policy.recommend'),
    cameras: state.cameras.size,
    users: state.users.size,
  };
}
