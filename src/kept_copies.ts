import type { Alerts } from './alert/alerts.js';
import type { KeptCopy } from './history/retention_job.js';
import type { AlertPictures } from './live/alert_pictures.js';
import type { Hold } from './store/retention.js';
import type { Store } from './store/store.js';

const dayMs = 86_400_000;

/** Every place beside the bulk store, its pictures and its cases where a read may lie, in this process; see the data inventory [III.F, IV.F.1]. */
export function keptCopies(parts: {
  readonly store: Store;
  readonly alerts: Alerts;
  readonly pictures: AlertPictures;
  readonly forwarding: { forgetTold(): number };
  readonly exports: KeptCopy;
  readonly backups: KeptCopy;
  readonly holds: () => readonly Hold[];
}): KeptCopy[] {
  const { store, alerts, pictures, forwarding, exports, backups, holds } = parts;
  return [
    { name: 'spooled_reads', forget: (oldestKeptMs) => store.forgetSpooled(oldestKeptMs) },
    {
      name: 'alerts',
      forget(oldestKeptMs) {
        const held = new Set(holds().flatMap(({ readIds }) => readIds));
        return alerts.forget(oldestKeptMs, (readId) => held.has(readId));
      },
    },
    {
      name: 'alert_pictures',
      forget: (oldestKeptMs) => pictures.forget((day) => Date.parse(`${day}T00:00:00Z`) + dayMs <= oldestKeptMs),
    },
    // Messages wait a day at most; those that are over need not be old to go.
    { name: 'forwarded_alerts', forget: () => forwarding.forgetTold() },
    exports,
    backups,
  ];
}
