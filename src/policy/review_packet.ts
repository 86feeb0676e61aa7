import { type Duty, dutiesDue } from './duties.js';
import type { Policy } from './policy_file.js';
import type { GovernanceState } from './state.js';
import { type TransparencyReport, transparencyReport } from './transparency.js';

/** What the annual review of the policy looks at: the year in numbers, what was proposed, what the law changed, what is late [IV.G.1]. */
export interface ReviewPacket {
  readonly policy: string;
  readonly policySha256: string;
  readonly report: TransparencyReport;
  readonly lastReviewMs: number | null;
  readonly recommendations: readonly { readonly text: string; readonly disposition: string | null }[];
  readonly legalItems: readonly { readonly title: string; readonly impact: boolean }[];
  readonly protocols: readonly { readonly kind: string; readonly sha256: string; readonly atMs: number }[];
  readonly duties: readonly Duty[];
}

/** @param nowMs the moment for which late duties are listed. */
export function reviewPacket(state: GovernanceState, policy: Policy, year: string, nowMs: number): ReviewPacket {
  return {
    policy: policy.id,
    policySha256: policy.sha256,
    report: transparencyReport(state, year),
    lastReviewMs: state.lastReviewMs,
    recommendations: [...state.recommendations.values()],
    legalItems: [...state.legalItems.values()],
    protocols: [...state.protocols].map(([kind, { sha256, atMs }]) => ({ kind, sha256, atMs })),
    duties: dutiesDue(state, policy, nowMs),
  };
}

/** The packet as Markdown, for people. */
export function packetText(packet: ReviewPacket): string {
  const { report, policy, policySha256, lastReviewMs } = packet;
  const { refusals, hits, disclosures, audits, incidents, verification } = report;
  const seconds = (value: number | null) => (value === null ? 'none' : `${value.toFixed(1)} s`);
  const reviewed = lastReviewMs === null ? 'never' : new Date(lastReviewMs).toISOString().slice(0, 10);
  return [
    `# Annual review ${report.year}: policy ${policy}`,
    `Counted from the ledger (UTC). Policy file SHA-256 ${policySha256}. Last review: ${reviewed}.`,
    table('Use', {
      searches: report.searches,
      exports: report.exports,
      'pictures looked at': report.images,
      'of these answered': report.answered,
      'of these broken off': report.abandoned,
      'exceptions granted': report.exceptions,
      'cameras now': report.cameras,
      'users now': report.users,
    }),
    table('Refusals by code', refusals),
    table('Hits by what came of them', hits),
    table('Verification by a person', {
      verified: verification.verified,
      'another plate (misread)': report.misreads,
      'median time': seconds(verification.medianSeconds),
      '90 % within': seconds(verification.p90Seconds),
    }),
    table('Disclosures', disclosures),
    table('Audits', audits),
    table('Incidents', incidents),
    list('Recommendations', packet.recommendations, (one) => `${one.text}: ${one.disposition ?? 'not answered yet'}`),
    list('Legal items', packet.legalItems, (one) => `${one.title}${one.impact ? ' (training required)' : ''}`),
    list('Protocols', packet.protocols, ({ kind, sha256 }) => `${kind} (${sha256.slice(0, 12)})`),
    list('Late or missing', packet.duties, ({ clause, owner, sentence }) => `[${clause}] ${owner}: ${sentence}`),
  ].join('\n\n');
}

function table(title: string, values: Readonly<Record<string, number | string>>): string {
  const rows = Object.entries(values).map(([name, value]) => `| ${name} | ${value} |`);
  return `## ${title}\n\n${rows.length === 0 ? 'None.' : ['| | |', '|---|---:|', ...rows].join('\n')}`;
}

/** Free text stays on its line, whatever somebody typed. */
function list<Item>(title: string, items: readonly Item[], line: (item: Item) => string): string {
  const lines = items.map((item) => `- ${line(item).replace(/\s+/g, ' ')}`);
  return `## ${title}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}`;
}
