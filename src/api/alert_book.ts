import type { Alert } from '../data/alert.js';
import { dayMs } from '../policy/command.js';
import type { Hit } from '../policy/state.js';
import { alertView, type Sightings } from './alert_view.js';
import type { Services } from './services.js';

/** How far back a screen's "seen before" looks. */
const sightingsBackMax = 2000;

/** Alerts together with the hits people work on, as one user may see them. */
export class AlertBook {
  readonly #services: Services;
  readonly #hitOfAlert = new Map<string, string>();
  readonly #alertOfHit = new Map<string, string>();

  constructor(services: Services) {
    this.#services = services;
    for (const hit of services.governance.state().hits.values()) this.#pair(hit.alertId, hit.hitId);
    services.ledger.subscribe((record) => {
      if (record.action === 'hit.open' && record.effect !== undefined)
        this.#pair((record.effect as { alertId: string }).alertId, `hit-${record.seq}`);
    });
  }

  #pair(alertId: string, hitId: string): void {
    this.#hitOfAlert.set(alertId, hitId);
    this.#alertOfHit.set(hitId, alertId);
  }

  byId(alertId: string): Alert | null {
    const sequence = Number(/^alert-([1-9]\d{0,14})$/.exec(alertId)?.[1] ?? 0);
    const [alert] = sequence > 0 ? this.#services.feed.after(sequence - 1, 1) : [];
    return alert?.id === alertId ? alert : null;
  }

  hitOf(alertId: string): Hit | null {
    return this.#services.governance.state().hits.get(this.#hitOfAlert.get(alertId) ?? '') ?? null;
  }

  /** Only categories of the user's profile that are allowed at this moment; canaries go to everybody [IV.A.3, III.L]. */
  isFor(userId: string, alert: Alert): boolean {
    return alert.canary || this.#services.governance.isDeliverable(userId, alert.match.entry.category);
  }

  view(alert: Alert) {
    const { governance } = this.#services;
    return alertView(alert, this.hitOf(alert.id), governance.state(), governance.nowMs(), this.#sightings(alert));
  }

  #sightings(alert: Alert): Sightings {
    const from = Math.max(0, alert.sequence - 1 - sightingsBackMax);
    const before = this.#services.feed.after(from, alert.sequence - 1 - from);
    const same = before.filter(
      ({ match, createdAtMs, sequence }) =>
        match.entry.entryId === alert.match.entry.entryId &&
        sequence < alert.sequence &&
        alert.createdAtMs - createdAtMs < dayMs,
    );
    const cameras = [...new Set(same.map(({ match }) => match.read.cameraId as string))];
    return { count: same.length, cameras, lastAtMs: same.at(-1)?.createdAtMs ?? null };
  }
}
