import type { Alerts } from '../alert/alerts.js';
import { missingOf } from '../bus/complete_read.js';
import type { Answer } from '../data/answer.js';
import type { Match } from '../data/match.js';
import type { Read, ReadReport } from '../data/read.js';
import type { Claim, Matcher } from '../match/matcher.js';
import type { Metrics } from '../observe/metrics.js';
import type { Store } from '../store/store.js';
import type { AlertPictures } from './alert_pictures.js';

export interface LiveDependencies {
  readonly matcher: Matcher;
  readonly alerts: Alerts;
  readonly pictures: AlertPictures;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  /** Compares what the filter claims with a copy of the list elsewhere; nothing waits for it. */
  readonly compare: (claims: readonly Claim[]) => void;
  /** Why reads of this camera are kept out of everything now, or `null` [IV.B.1.a(9), IV.B.2.a(3), II.C]. */
  readonly cameraRefusal: (cameraId: string) => { readonly code: string } | null;
  /** Whether the read shows that its camera has moved or gone blind; measured before it is matched [IV.B.2.a(3)]. */
  readonly cameraHealth: (read: Read, final: boolean) => Promise<{ readonly code: string } | null>;
  /** Why nobody may keep bulk reads now, or `null` [IV.F.1]. */
  readonly keepingRefusal: () => { readonly code: string } | null;
}

/**
 * Read -> match -> alert -> store: what happens to every report of an engine, in this order. Resolves when what it answers is durable. Early
 * reports alert; the final one is kept. A store that can take nothing now delays no alert: the engine is told so and tells the read again,
 * for the history alone. What the policy keeps out is counted, and goes no further.
 */
export function createLive(deps: LiveDependencies): (report: ReadReport) => Promise<Answer> {
  const { matcher, alerts, pictures, store, metrics } = deps;

  async function raise(match: Match, read: Read): Promise<void> {
    metrics.observeMatch(match.kind);
    const alert = await alerts.raise(match);
    if (!alert || alert.canary) return;
    metrics.observeCaptureToAlert((deps.nowMs() - read.capturedAtMs) / 1000);
    await pictures.keep(alert.id, read);
  }

  async function alertOn({ read }: ReadReport): Promise<void> {
    const { matches, suppressed, claims } = matcher.match(read);
    deps.compare(claims);
    for (const { reason } of suppressed) metrics.observeSuppressed(reason);
    await Promise.all(matches.map((match) => raise(match, read)));
  }

  /** @returns whether the read may go into the history; what may not is counted, and over. */
  async function meet(report: ReadReport): Promise<boolean> {
    const { read, stage } = report;
    metrics.observeReport(stage);
    const refused = deps.cameraRefusal(read.cameraId) ?? (await deps.cameraHealth(read, stage === 'final'));
    if (refused !== null) {
      metrics.observeKeptOut(refused.code);
      return false;
    }
    await alertOn(report);
    if (stage === 'final') matcher.confusion.observe(read);
    return stage === 'final';
  }

  async function keep({ read, retold }: ReadReport): Promise<Answer> {
    const unkept = deps.keepingRefusal();
    if (unkept !== null) {
      metrics.observeKeptOut(unkept.code);
      return 'kept';
    }
    if (!store.takes()) return 'matched';
    await store.append(read, { listVersion: matcher.version?.version ?? 0, retold: retold !== undefined });
    return 'kept';
  }

  return async (report) => {
    if (missingOf(report.read) !== null) {
      metrics.observeKeptOut('READ_INCOMPLETE');
      return 'kept';
    }
    const isForHistory = report.retold === 'history' || (await meet(report));
    return isForHistory ? keep(report) : 'kept';
  };
}
