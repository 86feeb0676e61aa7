import type { Alerts } from '../alert/alerts.js';
import type { Alert } from '../data/alert.js';
import type { Governed } from '../governed/governed.js';
import type { Log } from '../observe/log.js';
import type { Governance } from '../policy/governance.js';
import { systemPrincipal } from '../policy/principal.js';

/** Opens the hit people work on for every alert, once [III.L]; alerts that a crash left without one get it at the next start. */
export interface HitOpener {
  /** Resolves with the alert's hit, or `null` when the policy refused it or it could not be recorded. */
  hitOf(alertId: string): Promise<string | null>;
  close(): void;
}

const matcher = systemPrincipal('matcher');

export function startHitOpener(
  alerts: Alerts,
  { governance, ledger }: Pick<Governed, 'governance' | 'ledger'>,
  log: Log,
): HitOpener {
  const hits = new Map<string, Promise<string | null>>();
  for (const { alertId, hitId } of governance.state().hits.values()) hits.set(alertId, Promise.resolve(hitId));

  async function open(alert: Alert): Promise<string | null> {
    const done = await governance.execute({ action: 'hit.open', input: inputOf(alert, governance) }, matcher);
    if (done.ok) return `hit-${done.value.sequence}`;
    log.warn({ alert: alert.id, code: done.error.code }, 'hit refused');
    return null;
  }

  const meet = (alert: Alert) => {
    if (!hits.has(alert.id) && !alert.canary) hits.set(alert.id, open(alert));
  };
  for (const alert of alerts.after(0, alerts.lastSequence())) meet(alert);
  /** Somebody has taken it up: it no longer waits for a person. */
  const attend = (hitId: string) => {
    const hit = governance.state().hits.get(hitId);
    if (hit && (hit.verified ?? hit.deferral ?? hit.closed) !== null) alerts.attend(hit.alertId);
  };
  for (const hitId of governance.state().hits.keys()) attend(hitId);
  const leave = [
    alerts.listen(meet),
    ledger.subscribe(({ action, object_id }) => action.startsWith('hit.') && attend(object_id ?? '')),
  ];
  return {
    hitOf: (alertId) => hits.get(alertId) ?? Promise.resolve(null),
    close() {
      for (const stop of leave) stop();
    },
  };
}

function inputOf({ id, match }: Alert, governance: Governance) {
  const { entry, read } = match;
  const excepted = governance.liveExceptions().find((one) => one.category === entry.category);
  return {
    alertId: id,
    readId: read.id,
    cameraId: read.cameraId,
    entryId: entry.entryId,
    category: entry.category,
    plate: entry.plate,
    state: entry.state !== null && /^[A-Z]{2}$/.test(entry.state) ? entry.state : null,
    userId: excepted?.userId ?? null,
  };
}
