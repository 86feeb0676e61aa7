import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { CameraTotals } from './camera_totals.js';
import { register } from './collected.js';
import { ledgerMetric, stageMetric } from './duration_metrics.js';
import type { Durations } from './durations.js';
import { type ScrapedName, type ScrapedValues, scrapedMetrics } from './scraped.js';
import type { AllStageTimes } from './stage_times.js';

/**
 * Prometheus metrics of control, by the naming conventions (base units, `_total`). Labels are bounded: camera id, outcome, reason, stage;
 * never a plate, a URL or a user. Engine figures travel with their status messages and are read at each scrape.
 */
export interface Metrics {
  readonly registry: Registry;
  /** Capture of the best frame to the alert being journalled, seconds. */
  observeCaptureToAlert(seconds: number): void;
  observeReport(stage: 'early' | 'final'): void;
  observeMatch(kind: string): void;
  observeSuppressed(reason: string): void;
  /** Synthetic reads that came out as alerts, and how long that took; those that did not. */
  readonly canary: { arrived(seconds: number): void; failed(): void };
  /** A read the policy kept out: its camera may not be used, or nobody may keep it. */
  observeKeptOut(reason: string): void;
}

export interface MetricSources {
  readonly totals: CameraTotals;
  readonly scraped: () => ScrapedValues;
  readonly stageTimes: () => AllStageTimes;
  /** Of the appends to the ledger; `null` where there is none. */
  readonly ledgerTimes: () => Durations | null;
  readonly cameraStates: () => readonly { readonly camera: string; readonly state: string }[];
}

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  frameMetrics(registry, sources.totals);
  cameraStateMetric(registry, sources.cameraStates);
  stageMetric(registry, sources.stageTimes);
  ledgerMetric(registry, sources.ledgerTimes);
  registerScraped(registry, sources.scraped);

  const captureToAlert = new Histogram({
    name: 'platestream_capture_to_alert_seconds',
    help: 'From the capture of the best frame to the journalled alert',
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 5, 10],
    registers: [registry],
  });
  const counter = <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name: `platestream_${name}`, help, labelNames: [label], registers: [registry] });
  const reports = counter('read_reports_total', 'Read reports received from engines', 'stage');
  const matches = counter('matches_total', 'Reads that equal a hot-list entry', 'kind');
  const keptOut = counter('reads_kept_out_total', 'Reads the policy kept out of matching or of the store', 'reason');
  const suppressed = counter('matches_suppressed_total', 'Matches that were not raised, by reason', 'reason');

  const canarySeconds = new Histogram({
    name: 'platestream_alert_canary_seconds',
    help: 'From a synthetic read to its alert at a listener',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const canaryFailures = new Counter({
    name: 'platestream_alert_canary_failures_total',
    help: 'Synthetic reads whose alert did not arrive in time',
    registers: [registry],
  });

  return {
    registry,
    canary: { arrived: (seconds) => canarySeconds.observe(seconds), failed: () => canaryFailures.inc() },
    observeCaptureToAlert: (seconds) => captureToAlert.observe(seconds),
    observeReport: (stage) => reports.inc({ stage }),
    observeMatch: (kind) => matches.inc({ kind }),
    observeSuppressed: (reason) => suppressed.inc({ reason }),
    observeKeptOut: (reason) => keptOut.inc({ reason }),
  };
}

/** `captured = in_flight + read + empty + dropped + failed`, one consistent look per scrape. */
function frameMetrics(registry: Registry, totals: CameraTotals): void {
  const cameras = () => [...totals.all()];
  register(registry, {
    name: 'frames_captured_total',
    help: 'Frames taken from a camera for analysis',
    type: 'counter',
    labels: ['camera'],
    series: () => cameras().map(([camera, { counts }]) => ({ labels: { camera }, value: counts.captured })),
  });
  register(registry, {
    name: 'frames_passed_over_total',
    help: 'Pictures not decoded or not looked at because the road was still or nothing referred to them; not among the captured',
    type: 'counter',
    labels: ['camera'],
    series: () => cameras().map(([camera, { passedOver }]) => ({ labels: { camera }, value: passedOver })),
  });
  register(registry, {
    name: 'frames_in_flight',
    help: 'Captured frames whose outcome is not known yet',
    type: 'gauge',
    labels: ['camera'],
    series: () => cameras().map(([camera, { counts }]) => ({ labels: { camera }, value: counts.inFlight })),
  });
  register(registry, {
    name: 'frames_total',
    help: 'Captured frames by outcome (read, empty, dropped, failed) and reason',
    type: 'counter',
    labels: ['camera', 'outcome', 'reason'],
    series: () =>
      cameras().flatMap(([camera, { reasons }]) =>
        [...reasons].map(([key, value]) => {
          const [outcome = '', reason = ''] = key.split(':');
          return { labels: { camera, outcome, reason }, value };
        }),
      ),
  });
}

function cameraStateMetric(registry: Registry, states: MetricSources['cameraStates']): void {
  register(registry, {
    name: 'camera_state',
    help: '1 for the state a camera is in',
    type: 'gauge',
    labels: ['camera', 'state'],
    series: () => states().map((labels) => ({ labels: { ...labels }, value: 1 })),
  });
}

function registerScraped(registry: Registry, values: () => ScrapedValues): void {
  // All metrics of a scrape are asked in one go: what they say is of one moment.
  let look: ScrapedValues | null = null;
  const once = () => {
    if (!look) queueMicrotask(() => (look = null));
    look ??= values();
    return look;
  };
  for (const [name, metric] of Object.entries(scrapedMetrics)) {
    register(registry, {
      ...metric,
      name,
      series: () => {
        const value = once()[name as ScrapedName];
        return typeof value === 'number' ? [{ labels: {}, value }] : (value ?? []);
      },
    });
  }
}
