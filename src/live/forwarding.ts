import { join } from 'node:path';
import type { Alerts } from '../alert/alerts.js';
import { Forwarder } from '../alert/forward/forwarder.js';
import { openAlprMessage, ownMessage, type Place } from '../alert/forward/message.js';
import { type Delivery, Outbox } from '../alert/forward/outbox.js';
import type { AlertSettings, WebhookSettings } from '../alert/settings.js';
import type { Alert } from '../data/alert.js';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { ScrapedValues } from '../observe/scraped.js';
import type { Governance } from '../policy/governance.js';
import { systemPrincipal } from '../policy/principal.js';

export interface AlertForwardingOptions {
  readonly settings: AlertSettings;
  readonly dataDir: string;
  readonly alerts: Alerts;
  readonly governance: Governance;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs?: number;
}

export interface AlertForwarding {
  /** What keeps messages from being kept for sending. */
  problems(): string[];
  scraped(): ScrapedValues;
  /** Messages that are over leave the disk. @returns how many went */
  forgetTold(): number;
  close(): Promise<void>;
}

const matcher = systemPrincipal('matcher');

/**
 * Tells others of alerts: the agency that asked for an entry, each time under its agreement and on record [IV.A.7.b, IV.D.2]; and systems of
 * the department itself. The department's own people are alerted whatever becomes of that.
 */
export function startAlertForwarding(options: AlertForwardingOptions): Result<AlertForwarding, string> {
  const { settings, alerts, governance } = options;
  const { webhooks: hooks } = settings;
  if (hooks.length === 0)
    return ok({ problems: () => [], scraped: () => ({}), forgetTold: () => 0, close: async () => undefined });
  const outbox = new Outbox(join(options.dataDir, 'alerts', 'outbox.jsonl'));
  const opened = openForwarder({ ...options, hooks, outbox });
  if (!opened.ok) {
    void outbox.close();
    return opened;
  }
  const forwarder = opened.value;

  async function deliveriesOf(alert: Alert): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const hook of hooks)
      if (await mayHear(hook, alert, governance)) deliveries.push(deliveryTo(hook, alert, governance));
    return deliveries;
  }

  /** Those that came together are decided beside each other and share one sync; they enter the outbox in their order. */
  async function tell(batch: readonly Alert[]): Promise<void> {
    const decided = await Promise.all(batch.map(deliveriesOf));
    await Promise.all(batch.map(({ sequence }, i) => forwarder.add(sequence, decided[i] ?? [])));
  }

  let [isTelling, isClosing, position] = [false, false, outbox.lastSequence];
  async function tellNew(): Promise<void> {
    try {
      for (let batch = alerts.after(position, limits.alert.batchMax); batch.length > 0 && !isClosing; ) {
        await tell(batch);
        position += batch.length;
        batch = alerts.after(position, limits.alert.batchMax);
      }
    } catch (error) {
      if (!isClosing) options.log.error({ after: position, error: (error as Error).message }, 'alerts not forwarded');
    } finally {
      isTelling = false;
    }
  }

  let told: Promise<void> = Promise.resolve();
  const wake = () => {
    if (isTelling) return;
    isTelling = true;
    told = tellNew();
  };
  wake();
  const leave = alerts.listen(wake);
  return ok({
    problems: () => forwarder.problems(),
    scraped: () => forwarder.scraped(),
    forgetTold: () => outbox.forget(),
    // What is in no outbox yet is found by the next start.
    async close() {
      leave();
      isClosing = true;
      await forwarder.close();
      await told;
    },
  });
}

function openForwarder(options: ConstructorParameters<typeof Forwarder>[0]): Result<Forwarder, string> {
  try {
    return ok(new Forwarder(options));
  } catch (error) {
    const { path, code } = error as NodeJS.ErrnoException;
    return fail(`alerts.webhooks: ${path ?? 'a file'} cannot be read (${code})`);
  }
}

/** A canary is told to nobody; a category under an exception is for its user alone [IV.A.4]. */
async function mayHear({ agency }: WebhookSettings, { id, match, canary }: Alert, governance: Governance) {
  const { entry } = match;
  if (canary || !Object.hasOwn(governance.policy.categories.authorised, entry.category)) return false;
  if (agency === undefined) return true;
  if (entry.originatingAgency !== agency) return false;
  const input = { entryId: entry.entryId, alertId: id };
  return (await governance.execute({ action: 'alert.forward', input }, matcher)).ok;
}

function deliveryTo({ name, format }: WebhookSettings, alert: Alert, governance: Governance): Delivery {
  const camera = governance.state().cameras.get(alert.match.read.cameraId);
  const place: Place = { latitude: camera?.latitude ?? null, longitude: camera?.longitude ?? null };
  const message = format === 'openalpr' ? openAlprMessage(alert, place) : ownMessage(alert, place);
  return { id: `${alert.id}-${name}`, hook: name, body: JSON.stringify(message), dueSinceMs: alert.createdAtMs };
}
