/**
 * What other parts know anyway and say at each scrape: metric name without prefix -> what it means. A part that is not there (no hot
 * list, no ledger) says nothing, and its metric has no series.
 */
interface ScrapedMetric {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels?: readonly string[];
}

export const scrapedMetrics = {
  engines_running: { type: 'gauge', help: 'Engine processes that are connected and report' },
  engine_restarts_total: { type: 'counter', help: 'Engine processes started again after they died' },
  engine_cpu_seconds_total: { type: 'counter', help: 'CPU time of all engine processes' },
  engine_resident_bytes: { type: 'gauge', help: 'Memory of all engine processes' },
  frame_slots: { type: 'gauge', help: 'Frame slots that exist' },
  frame_slots_in_use: { type: 'gauge', help: 'Frame slots that hold a frame' },
  frames_waiting: { type: 'gauge', help: 'Frames that wait for an inference thread' },
  engine_reports_unsent: { type: 'gauge', help: 'Read reports held by engines until control acknowledges them' },
  engine_reports_spooled: { type: 'gauge', help: 'Read reports on engine disks, waiting for control' },
  engine_reports_lost_total: { type: 'counter', help: 'Read reports lost because the spool was full' },
  engines_silent: { type: 'gauge', help: 'Engines on other machines that have said nothing for some seconds' },
  bus_reachable: { type: 'gauge', help: '1 while Redis answers control' },
  bus_backlog_reports: {
    type: 'gauge',
    help: 'Read reports in Redis that control has not made durable yet (the lag of the bus)',
  },
  bus_backlog_age_seconds: { type: 'gauge', help: 'Age of the oldest of them' },
  bus_refused_reports_total: {
    type: 'counter',
    help: 'Reports from other machines that were incomplete or of an unregistered camera',
  },
  bus_repeated_reports_total: { type: 'counter', help: 'Reports told again by an engine and taken once' },
  model_info: {
    type: 'gauge',
    help: '1 for the models and the inference library in use',
    labels: ['model', 'inference'],
  },
  build_info: { type: 'gauge', help: '1 for the version that runs', labels: ['version', 'node'] },
  hot_list_version: { type: 'gauge', help: 'Version of the loaded hot list' },
  hot_list_entries: { type: 'gauge', help: 'Entries of the loaded hot list' },
  hot_list_age_seconds: { type: 'gauge', help: 'Age of the loaded hot list since its source compiled it' },
  hot_list_redis_up: {
    type: 'gauge',
    help: 'Whether Redis holds the list as it should; matching does not depend on it',
  },
  hot_list_redis_checks_total: {
    type: 'counter',
    help: 'Plates compared with the copy in Redis: agreed, missing there, extra there, unanswered',
    labels: ['result'],
  },
  hot_list_redis_writes_total: { type: 'counter', help: 'Times that the copy in Redis was written' },
  hot_list_stale_after_seconds: { type: 'gauge', help: 'Age from which alerts of the hot list are shown as stale' },
  alerts_forwarded_total: {
    type: 'counter',
    help: 'Alerts told to others by webhook: delivered, retried, refused, given_up',
    labels: ['hook', 'outcome'],
  },
  alerts_forward_due: { type: 'gauge', help: 'Alerts that wait to be told to others' },
  alerts_raised_total: { type: 'counter', help: 'Alerts raised since the journal began' },
  alerts_waiting_for_disk: {
    type: 'gauge',
    help: 'Alerts that are shown as soon as the disk has them; above 0 for long: it fails',
  },
  alerts_unacknowledged: { type: 'gauge', help: 'Alerts nobody has verified, dismissed or deferred' },
  alert_feed_clients: { type: 'gauge', help: 'Connected alert clients' },
  ledger_records: { type: 'gauge', help: 'Durable records of the ledger' },
  ledger_append_waiting: { type: 'gauge', help: 'Records that wait to be written to the ledger' },
  ledger_not_recorded_total: {
    type: 'counter',
    help: 'Records the ledger turned away or lost to a fault; what asked for them was not done',
  },
  ledger_healthy: { type: 'gauge', help: '1 while the ledger takes records' },
  duties_due: { type: 'gauge', help: 'Duties of the policy that are late or missing' },
  auth_failures_total: {
    type: 'counter',
    help: 'Sign-ins, enrolments and second factors that were refused, by the code of the refusal',
    labels: ['reason'],
  },
  audits: {
    type: 'gauge',
    help: 'Quarterly audits: opened (no sample drawn yet), sampled (the auditor works on it), closed',
    labels: ['state'],
  },
  audit_due_timestamp_seconds: { type: 'gauge', help: 'When the next quarterly audit must be closed' },
  audit_findings_unanswered: { type: 'gauge', help: 'Findings of open audits that nobody has answered' },
  system_suspended: { type: 'gauge', help: '1 while the system is suspended by order' },
  store_healthy: { type: 'gauge', help: '1 while the bulk store takes reads' },
  store_appended_reads_total: { type: 'counter', help: 'Reads made durable on disk' },
  store_stored_reads_total: { type: 'counter', help: 'Reads written to the bulk store' },
  store_repeated_reads_total: { type: 'counter', help: 'Reads told again by an engine and kept once' },
  store_rejected_reads_total: {
    type: 'counter',
    help: 'Reads the bulk store can never take, by its reason; kept aside in the spool',
    labels: ['reason'],
  },
  store_retries_total: { type: 'counter', help: 'Batches sent again because the bulk store did not take them' },
  store_spool_reads: { type: 'gauge', help: 'Reads that are durable on disk but not yet in the bulk store (its lag)' },
  store_spool_bytes: { type: 'gauge', help: 'Size of the reads that wait for the bulk store' },
  store_images_bytes: { type: 'gauge', help: 'Size of the evidence images' },
  store_images_refused_total: {
    type: 'counter',
    help: 'Reads kept without their images because the image store is full',
  },
  retention_days: { type: 'gauge', help: 'Days that bulk reads live' },
  retention_runs_total: { type: 'counter', help: 'Retention runs by outcome', labels: ['outcome'] },
  retention_last_success_timestamp_seconds: { type: 'gauge', help: 'When retention last ran to its end' },
  retention_deleted_reads_total: { type: 'counter', help: 'Reads deleted by retention since this process began' },
  retention_oldest_read_timestamp_seconds: {
    type: 'gauge',
    help: 'Capture time of the oldest read after the last retention run',
  },
} as const satisfies Readonly<Record<string, ScrapedMetric>>;

export type ScrapedName = keyof typeof scrapedMetrics;
/** A number, or one number a set of labels. */
type ScrapedValue = number | readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
export type ScrapedValues = Readonly<Partial<Record<ScrapedName, ScrapedValue>>>;
