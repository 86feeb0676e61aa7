import { type Dashboard, orZero } from './panel.js';

/** What the administrator answers for: lists that are fresh, data that is forgotten, alerts that are judged. Aggregates only. */
export const administrator: Dashboard = {
  uid: 'platestream-administrator',
  title: 'platestream: administrator',
  rows: [
    {
      title: 'Policy',
      panels: [
        {
          title: 'Duties due',
          about: 'Audits, reviews, training and statements that are late or missing. The console says which.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          worse: [1, 5],
          queries: [{ expr: 'platestream_duties_due', legend: 'due' }],
        },
        {
          title: 'Suspended',
          about: '1: the system is suspended by order; cameras have left service.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          worse: [1, 1],
          queries: [{ expr: 'platestream_system_suspended', legend: 'suspended' }],
        },
        {
          title: 'Ledger',
          about: '1 while it takes records. 0: nothing that must be recorded is done.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_ledger_healthy', legend: 'healthy' }],
        },
        {
          title: 'Records of the ledger',
          about: 'Every decision is one. It only grows.',
          kind: 'timeseries',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_ledger_records', legend: 'records' }],
        },
        {
          title: 'Reads kept out',
          about: 'Reads the policy kept out of matching or of the store, by reason.',
          kind: 'timeseries',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: orZero('sum by (reason) (rate(platestream_reads_kept_out_total[$__rate_interval]))'),
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Canaries that did not arrive',
          about:
            'Synthetic reads whose alert reached no listener in time. Anything but 0: alerts may be lost on their way.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          worse: [1, 1],
          queries: [{ expr: orZero('platestream_alert_canary_failures_total'), legend: 'failed' }],
        },
      ],
    },
    {
      title: 'Audits [IV.C.6.b]',
      panels: [
        {
          title: 'Next quarterly audit due in',
          about:
            'Its sample is drawn from the ledger by a seed that nobody chooses. Below 0: it is late, and a duty says so.',
          kind: 'stat',
          unit: 's',
          width: 6,
          queries: [{ expr: 'platestream_audit_due_timestamp_seconds - time()', legend: 'due in' }],
        },
        {
          title: 'Audits by state',
          about: 'opened: no sample drawn yet; sampled: the auditor works on it; closed: every finding has an answer.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_audits', legend: '{{state}}' }],
        },
        {
          title: 'Findings without an answer',
          about: 'Of open audits. An audit cannot be closed before each has one.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          worse: [1, 10],
          queries: [{ expr: 'platestream_audit_findings_unanswered', legend: 'unanswered' }],
        },
        {
          title: 'Sign-ins refused in a day',
          about: 'All reasons. Who and from where is in the audit, never here.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          worse: [50, 500],
          queries: [{ expr: 'sum(increase(platestream_auth_failures_total[1d]))', legend: 'refused' }],
        },
      ],
    },
    {
      title: 'Hot list',
      panels: [
        {
          title: 'Age of the hot list',
          about: 'Beyond the dashed line every alert is shown as STALE.',
          kind: 'timeseries',
          unit: 's',
          width: 12,
          queries: [
            { expr: 'platestream_hot_list_age_seconds', legend: 'age' },
            { expr: 'platestream_hot_list_stale_after_seconds', legend: 'stale after' },
          ],
        },
        {
          title: 'Entries',
          about: 'A sudden fall is a broken import.',
          kind: 'timeseries',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_hot_list_entries', legend: 'entries' }],
        },
        {
          title: 'Version',
          about: 'Counts up with every list that was taken.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_hot_list_version', legend: 'version' }],
        },
      ],
    },
    {
      title: 'Retention [IV.F]',
      panels: [
        {
          title: 'Days reads live',
          about: 'As configured; 15 to 30.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_retention_days', legend: 'days' }],
        },
        {
          title: 'Last retention run',
          about: 'It runs every hour.',
          kind: 'stat',
          unit: 's',
          width: 6,
          worse: [7200, 86400],
          queries: [{ expr: 'time() - platestream_retention_last_success_timestamp_seconds', legend: 'ago' }],
        },
        {
          title: 'Runs by outcome',
          about: 'refused: the clock jumped, or too many days were due at once; a person must look.',
          kind: 'timeseries',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'sum by (outcome) (platestream_retention_runs_total)', legend: '{{outcome}}' }],
        },
        {
          title: 'Reads deleted',
          about: 'Since the program started.',
          kind: 'stat',
          unit: 'short',
          width: 6,
          queries: [{ expr: 'platestream_retention_deleted_reads_total', legend: 'deleted' }],
        },
      ],
    },
    {
      title: 'Alerts',
      panels: [
        {
          title: 'Alerts that wait for a person',
          about: 'A potential hit is nothing until a person has verified it [III.A].',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'platestream_alerts_unacknowledged', legend: 'waiting' }],
        },
        {
          title: 'Alerts a day',
          about: 'All of them are potential hits.',
          kind: 'timeseries',
          unit: 'short',
          width: 12,
          queries: [{ expr: orZero('increase(platestream_alerts_raised_total[1d])'), legend: 'alerts' }],
        },
      ],
    },
    {
      title: 'Cameras and models',
      panels: [
        {
          title: 'Cameras out of service',
          about: 'Removed from service by a person: they decode nothing [IV.B.2.a(3)].',
          kind: 'stat',
          unit: 'short',
          width: 8,
          queries: [
            { expr: orZero('sum(platestream_camera_state{state="out_of_service"})'), legend: 'out of service' },
          ],
        },
        {
          title: 'Models in use',
          about: 'Recorded with every read [III.B].',
          kind: 'table',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'platestream_model_info', legend: '{{model}}' }],
        },
        {
          title: 'Version that runs',
          about: 'Of platestream and of Node.js.',
          kind: 'table',
          unit: 'short',
          width: 8,
          queries: [{ expr: 'platestream_build_info', legend: '{{version}}' }],
        },
      ],
    },
  ],
};
