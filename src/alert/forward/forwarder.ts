import { readFileSync } from 'node:fs';
import { limits } from '../../limits.js';
import { guardedRequest } from '../../net/guarded_request.js';
import type { Clock } from '../../observe/clock.js';
import type { Log } from '../../observe/log.js';
import type { WebhookSettings } from '../settings.js';
import { signatureOf } from './message.js';
import type { Delivery, DeliveryOutcome, Outbox } from './outbox.js';

export interface ForwarderOptions {
  readonly hooks: readonly WebhookSettings[];
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  /** The first wait after a failure; it doubles with each. */
  readonly retryMs?: number;
}

/** Sends what is due, again and again until it is delivered, refused for good, or a day old. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #hooks: ReadonlyMap<
    string,
    { readonly hook: WebhookSettings; readonly secret: string; readonly ca?: string }
  >;
  readonly #waits = new Map<string, NodeJS.Timeout>();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #counts = new Map<string, number>();

  /** @throws when a secret or a certificate cannot be read. */
  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#hooks = new Map(
      options.hooks.map((hook) => {
        const secret = readFileSync(hook.secretFile, 'utf8').trim();
        const ca = hook.caFile === undefined ? {} : { ca: readFileSync(hook.caFile, 'utf8') };
        return [hook.name, { hook, secret, ...ca }];
      }),
    );
    for (const delivery of options.outbox.due()) this.#start(delivery, 0);
  }

  /** @param sequence of the alert that this is about, later than all before; resolves when it is durable. */
  async add(sequence: number, deliveries: readonly Delivery[]): Promise<void> {
    await this.#options.outbox.add(sequence, deliveries);
    for (const delivery of deliveries) this.#start(delivery, 0);
  }

  #start(delivery: Delivery, attempt: number): void {
    const done = this.#try(delivery, attempt)
      .catch((error: Error) => this.#options.log.error({ error: error.message }, 'outbox not written'))
      .finally(() => this.#sending.delete(delivery.id));
    this.#sending.set(delivery.id, done);
  }

  async #try(delivery: Delivery, attempt: number): Promise<void> {
    const outcome = await this.#send(delivery);
    if (this.#stopping.signal.aborted) return;
    const { clock, outbox, log, retryMs = limits.forward.retryMs } = this.#options;
    const isOld = clock.nowMs() - delivery.dueSinceMs > limits.forward.giveUpMs;
    if (outcome === 'again' && !isOld) {
      this.#count(delivery.hook, 'retried');
      const waitMs = Math.min(limits.forward.retryMsMax, retryMs * 2 ** attempt) * (0.5 + Math.random() / 2);
      this.#waits.set(
        delivery.id,
        setTimeout(() => this.#start(delivery, attempt + 1), waitMs),
      );
      return;
    }
    const final: DeliveryOutcome = outcome === 'again' ? 'given_up' : outcome;
    await outbox.over(delivery.id, final);
    this.#count(delivery.hook, final);
    if (final !== 'delivered')
      log.error({ hook: delivery.hook, alert: delivery.id, outcome: final }, 'alert not forwarded');
  }

  async #send({ id, hook: name, body }: Delivery): Promise<'delivered' | 'refused' | 'again'> {
    const known = this.#hooks.get(name);
    if (known === undefined) return 'refused';
    const { hook, secret, ca } = known;
    const answer = await guardedRequest({
      url: hook.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'idempotency-key': id,
        'platestream-signature': signatureOf(body, secret, this.#options.clock.nowMs()),
      },
      body,
      privateAddresses: hook.privateAddresses,
      timeoutMs: limits.forward.timeoutMs,
      signal: this.#stopping.signal,
      ...(ca !== undefined && { ca }),
    });
    if (!answer.ok) return 'again';
    answer.value.resume();
    return verdictOn(answer.value.statusCode ?? 0);
  }

  #count(hook: string, outcome: string): void {
    const key = `${hook} ${outcome}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** What keeps messages from being kept for sending. */
  problems(): string[] {
    const { problem } = this.#options.outbox;
    return problem === null ? [] : [`webhooks: ${problem}; messages are held until it works again`];
  }

  scraped() {
    const series = [...this.#counts].map(([key, value]) => {
      const [hook = '', outcome = ''] = key.split(' ');
      return { labels: { hook, outcome }, value };
    });
    return { alerts_forwarded_total: series, alerts_forward_due: this.#options.outbox.due().length };
  }

  /** What is not delivered by now is tried again after the next start. */
  async close(): Promise<void> {
    this.#stopping.abort();
    for (const wait of this.#waits.values()) clearTimeout(wait);
    await this.#options.outbox.close();
    await Promise.all(this.#sending.values());
  }
}

/** Whether another attempt may end better (RFC 9110): too early, too many, or the receiver's own fault. A redirect is not followed. */
function verdictOn(status: number): 'delivered' | 'refused' | 'again' {
  if (status >= 200 && status < 300) return 'delivered';
  return status === 408 || status === 425 || status === 429 || status >= 500 ? 'again' : 'refused';
}
