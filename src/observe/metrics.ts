import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { CameraTotals } from './camera_totals.js';

/**
 * Prometheus metrics of control. Labels are bounded: camera id, outcome, reason, category; never a plate, a URL or a user.
 * Engine figures travel with their status messages and are read at each scrape.
 */
export interface Metrics {
  readonly registry: Registry;
  /** Capture of the best frame to the alert being journalled, seconds. */
  observeCaptureToAlert(seconds: number): void;
  observeReport(stage: 'early' | 'final'): void;
  observeMatch(kind: string): void;
  observeSuppressed(reason: string): void;
}

export interface MetricSources {
  readonly totals: CameraTotals;
  /** Numbers read at each scrape: metric name without prefix -> value. */
  readonly gauges: () => Readonly<Record<string, number>>;
  readonly cameraStates: () => readonly { readonly camera: string; readonly state: string }[];
}

const gaugeHelp: Readonly<Record<string, string>> = {
  engine_restarts_total: 'Engine processes started again after they died',
  engine_reports_unsent: 'Reads held by engines until control acknowledges them',
  engine_reports_spooled: 'Reads on engine disks, waiting for control',
  engine_reports_lost_total: 'Reads lost because the spool was full',
  hot_list_version: 'Version of the loaded hot list',
  hot_list_entries: 'Entries of the loaded hot list',
  hot_list_age_seconds: 'Age of the loaded hot list since its source compiled it',
  alerts_unacknowledged: 'Alerts nobody has verified, dismissed or deferred',
  store_spool_reads: 'Reads that are durable on disk but not yet in the bulk store',
  store_healthy: '1 when the bulk store takes reads',
  alert_feed_clients: 'Connected alert clients',
};

export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({});
  frameMetrics(registry, sources.totals);
  cameraStateMetric(registry, sources);
  scrapedGauges(registry, sources);

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
  const suppressed = counter('matches_suppressed_total', 'Matches that were not raised, by reason', 'reason');

  return {
    registry,
    observeCaptureToAlert: (seconds) => captureToAlert.observe(seconds),
    observeReport: (stage) => reports.inc({ stage }),
    observeMatch: (kind) => matches.inc({ kind }),
    observeSuppressed: (reason) => suppressed.inc({ reason }),
  };
}

/** `captured = in_flight + read + empty + dropped + failed`, one consistent look per scrape. */
function frameMetrics(registry: Registry, totals: CameraTotals): void {
  new Counter({
    name: 'platestream_frames_captured_total',
    help: 'Frames taken from a camera for analysis',
    labelNames: ['camera'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [camera, { counts }] of totals.all()) this.inc({ camera }, counts.captured);
    },
  });
  new Gauge({
    name: 'platestream_frames_in_flight',
    help: 'Captured frames whose outcome is not known yet',
    labelNames: ['camera'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [camera, { counts }] of totals.all()) this.set({ camera }, counts.inFlight);
    },
  });
  new Counter({
    name: 'platestream_frames_total',
    help: 'Captured frames by outcome (read, empty, dropped, failed) and reason',
    labelNames: ['camera', 'outcome', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [camera, { reasons }] of totals.all()) {
        for (const [key, count] of reasons) {
          const [outcome = '', reason = ''] = key.split(':');
          this.inc({ camera, outcome, reason }, count);
        }
      }
    },
  });
}

function cameraStateMetric(registry: Registry, sources: MetricSources): void {
  new Gauge({
    name: 'platestream_camera_state',
    help: '1 for the state a camera is in',
    labelNames: ['camera', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { camera, state } of sources.cameraStates()) this.set({ camera, state }, 1);
    },
  });
}

function scrapedGauges(registry: Registry, sources: MetricSources): void {
  for (const [name, help] of Object.entries(gaugeHelp)) {
    new Gauge({
      name: `platestream_${name}`,
      help,
      registers: [registry],
      collect() {
        const value = sources.gauges()[name];
        if (value === undefined) this.reset();
        else this.set(value);
      },
    });
  }
}
