import type { Alerts } from './alert/alerts.js';
import type { Config } from './config.js';
import type { Engines } from './engine/engines.js';
import type { Governed } from './governed/governed.js';
import type { RetentionJob } from './history/retention_job.js';
import type { HotLists } from './hot_lists/hot_lists.js';
import type { AlertForwarding } from './live/forwarding.js';
import type { ScrapedValues } from './observe/scraped.js';
import { version as programVersion } from './package_root.js';
import { auditDueMs } from './policy/duties.js';
import type { Store } from './store/store.js';

export interface ScrapedParts {
  readonly config: Config;
  readonly engines: Engines;
  readonly hotLists: HotLists;
  readonly forwarding: AlertForwarding;
  readonly alerts: Alerts;
  readonly feedClients: () => number;
  readonly store: Store;
  readonly governed: Governed;
  readonly retention: () => RetentionJob | null;
  readonly nowMs: () => number;
}

/** Everything a scrape asks the parts of control for; names and meanings are in `observe/scraped.ts`. */
export function scrapedFrom(parts: ScrapedParts): ScrapedValues {
  return {
    ...parts.engines.scraped(),
    build_info: [{ labels: { version: programVersion(), node: process.version }, value: 1 }],
    model_info: parts.engines.figures.models().map((labels) => ({ labels, value: 1 })),
    ...hotListOf(parts),
    alerts_raised_total: parts.alerts.lastSequence(),
    alerts_waiting_for_disk: parts.alerts.waiting,
    alerts_unacknowledged: parts.alerts.unacknowledged(),
    alert_feed_clients: parts.feedClients(),
    ...storeOf(parts.store),
    ...governanceOf(parts.governed),
    ...parts.forwarding.scraped(),
    ...parts.retention()?.scraped(),
  };
}

function governanceOf({ ledger, governance, accounts }: Governed): ScrapedValues {
  const failures = Object.entries(accounts.failures());
  return {
    ledger_records: ledger.size,
    ledger_append_waiting: ledger.waiting,
    ledger_not_recorded_total: ledger.notRecorded,
    auth_failures_total: failures.map(([code, value]) => ({ labels: { reason: code.toLowerCase() }, value })),
    ...auditsOf(governance),
    ledger_healthy: ledger.poisoned === null ? 1 : 0,
    duties_due: governance.dutiesDue().length,
    system_suspended: governance.suspended() ? 1 : 0,
    retention_days: governance.retentionDays(),
  };
}

function auditsOf(governance: Governed['governance']): ScrapedValues {
  const state = governance.state();
  const audits = [...state.audits.values()];
  const open = audits.filter(({ closedAtMs }) => closedAtMs === null);
  const sampled = open.filter(({ sample }) => sample !== null);
  const findings = open.flatMap((audit) => [...audit.findings.values()]);
  const dueMs = auditDueMs(state, governance.policy);
  return {
    audits: [
      { labels: { state: 'opened' }, value: open.length - sampled.length },
      { labels: { state: 'sampled' }, value: sampled.length },
      { labels: { state: 'closed' }, value: audits.length - open.length },
    ],
    audit_findings_unanswered: findings.filter(({ answer }) => answer === null).length,
    ...(dueMs !== null && { audit_due_timestamp_seconds: dueMs / 1000 }),
  };
}

function hotListOf({ hotLists, config, nowMs }: ScrapedParts): ScrapedValues {
  const { version } = hotLists.matcher;
  if (!version) return hotLists.scraped();
  return {
    ...hotLists.scraped(),
    hot_list_version: version.version,
    hot_list_entries: version.entries,
    hot_list_age_seconds: Math.max(0, (nowMs() - version.compiledAtMs) / 1000),
    hot_list_stale_after_seconds: config.hotList.staleAfterHours * 3600,
  };
}

function storeOf(store: Store): ScrapedValues {
  const stats = store.stats();
  return {
    store_healthy: store.health().healthy ? 1 : 0,
    store_appended_reads_total: stats.appended,
    store_stored_reads_total: stats.stored,
    store_repeated_reads_total: stats.repeated,
    store_rejected_reads_total: [...stats.rejected].map(([reason, value]) => ({ labels: { reason }, value })),
    store_retries_total: stats.retries,
    store_spool_reads: stats.spoolRows,
    store_spool_bytes: stats.spoolBytes,
    store_images_bytes: stats.imageBytes,
    store_images_refused_total: stats.imagesRefused,
  };
}
