import type { Alerts } from './alert/alerts.js';
import type { ReadReport } from './data/read.js';
import type { Matcher } from './match/matcher.js';
import type { Metrics } from './observe/metrics.js';
import type { Store } from './store/store.js';

export interface LiveDependencies {
  readonly matcher: Matcher;
  readonly alerts: Alerts;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  /** A camera out of service: its reads are kept out of matching [IV.B.2.a(3)]. */
  readonly inService: (cameraId: string) => boolean;
}

/**
 * Read -> match -> alert -> store: what happens to every report of an engine, in this order. Resolves when all of it is durable; only then
 * is the report acknowledged. Early reports alert; the final one is kept.
 */
export function createLive(deps: LiveDependencies): (report: ReadReport) => Promise<void> {
  const { matcher, alerts, store, metrics } = deps;

  async function alertOn(report: ReadReport): Promise<void> {
    const { matches, suppressed } = matcher.match(report.read);
    for (const { reason } of suppressed) metrics.observeSuppressed(reason);
    for (const match of matches) {
      metrics.observeMatch(match.kind);
      const alert = alerts.raise(match);
      if (!alert) continue;
      metrics.observeCaptureToAlert((deps.nowMs() - report.read.capturedAtMs) / 1000);
      // The final report brings its own pictures; an early alert must not wait for it.
      if (report.stage === 'early') await store.saveEvidence(report.read);
    }
  }

  return async (report) => {
    metrics.observeReport(report.stage);
    if (!deps.inService(report.read.cameraId)) return;
    await alertOn(report);
    if (report.stage === 'final') await store.append(report.read, matcher.list?.version.version ?? 0);
  };
}
