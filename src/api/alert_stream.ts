import { limits } from '../limits.js';
import type { PersonPrincipal } from '../policy/principal.js';
import type { Refusal } from '../policy/refusal.js';
import type { AlertBook } from './alert_book.js';
import { refusalNow } from './guarded_stream.js';
import { hitView } from './hit_view.js';
import { httpProblem } from './problem.js';
import type { Call } from './route.js';
import type { Services } from './services.js';

/**
 * One client's alerts as server-sent events. The client holds a position in the journal, not a queue: one that falls too far behind is cut
 * and resumes by `Last-Event-ID`. What it may see is asked again for every event, and the stream ends within seconds of its session.
 */
export function alertStream(
  services: Services,
  book: AlertBook,
  call: Call<unknown, { after?: number | undefined }>,
): Response {
  const resume = call.request.headers.get('last-event-id');
  const after = resume === null ? (call.query.after ?? services.feed.lastSequence()) : Number(resume);
  if (!Number.isSafeInteger(after) || after < 0)
    return httpProblem('INPUT_INVALID', 'Last-Event-ID: a whole number from 0.');
  const client = new AlertClient(services, book, call.principal, call.token, after);
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => client.start(controller, call.request.signal),
      pull: () => client.taken(),
      cancel: () => client.stop(),
    },
    { highWaterMark: limits.alert.clientBufferedEventsMax },
  );
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
}

/** The streams a session has open, oldest first: a browser that opens them without end loses the first. */
const streamsOf = new Map<string, Set<AlertClient>>();

function register(session: string, client: AlertClient): () => void {
  const open = streamsOf.get(session) ?? new Set();
  streamsOf.set(session, open.add(client));
  const [oldest] = open;
  if (open.size > limits.alert.streamsPerSessionMax) oldest?.stop();
  return () => {
    open.delete(client);
    if (open.size === 0) streamsOf.delete(session);
  };
}

class AlertClient {
  readonly #services: Services;
  readonly #book: AlertBook;
  readonly #userId: string;
  readonly #token: string;
  readonly #session: string;
  readonly #changedHits = new Set<string>();
  #position: number;
  #over = false;
  #wake: () => void = () => {};
  #room: () => void = () => {};
  #closeParts: (() => void)[] = [];
  #out!: ReadableStreamDefaultController<Uint8Array>;
  #suspended: boolean;
  #due = -1;

  constructor(services: Services, book: AlertBook, principal: PersonPrincipal, token: string, after: number) {
    this.#services = services;
    this.#book = book;
    this.#userId = principal.userId;
    this.#token = token;
    this.#session = principal.sessionHash;
    this.#position = after;
    this.#suspended = services.governance.suspended();
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>, signal: AbortSignal): void {
    this.#out = controller;
    const { feed, ledger, onFeedClients } = this.#services;
    onFeedClients(1);
    // Only what came while this client was not reading counts against it, not the past it asked for.
    const behindFrom = feed.lastSequence();
    const stop = () => this.stop();
    signal.addEventListener('abort', stop);
    const watch = setInterval(() => this.#wake(), limits.alert.sessionCheckMs);
    const heartbeat = setInterval(() => this.#heartbeat(), limits.alert.heartbeatMs);
    this.#closeParts = [
      feed.listen(() => {
        if (feed.lastSequence() - Math.max(this.#position, behindFrom) > limits.alert.clientBacklogMax) this.stop();
        else this.#wake();
      }),
      ledger.subscribe((record) => {
        const hitId = record.action === 'hit.open' ? `hit-${record.seq}` : record.object_id;
        if (record.action.startsWith('hit.') && hitId !== undefined) this.#changedHits.add(hitId);
        this.#wake();
      }),
      () => clearInterval(watch),
      () => clearInterval(heartbeat),
      () => signal.removeEventListener('abort', stop),
      () => onFeedClients(-1),
      register(this.#session, this),
    ];
    this.#send(': potential hits only; verify before any stop\n\n');
    this.#heartbeat();
    void this.#run();
  }

  /** The browser has taken what was waiting: there is room for more. */
  taken(): void {
    this.#room();
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    for (const close of this.#closeParts) close();
    this.#room();
    this.#wake();
  }

  /** Everything there is to say, then sleep until something happens. */
  async #run(): Promise<void> {
    while (!this.#over) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const refused = this.#refusal();
      if (refused !== null) {
        this.#event('bye', { code: refused.code, clause: refused.clause, detail: refused.sentence });
        this.stop();
        break;
      }
      await this.#sayAlerts();
      this.#sayHits();
      this.#sayChanges();
      await woken;
    }
    try {
      this.#out.close();
    } catch {
      // The browser has gone already.
    }
  }

  /** Why this client may hear nothing more, asked anew: the session, the freeze, the training, the suspension. */
  #refusal(): Refusal | null {
    const rule = this.#services.governance.policy.views['alerts'];
    return refusalNow(this.#services, { token: this.#token, rule });
  }

  /** As soon as an alert is durable; the hit people work on follows as an event of its own once the ledger has it. */
  async #sayAlerts(): Promise<void> {
    const { feed, governance } = this.#services;
    for (;;) {
      const [alert] = this.#over ? [] : feed.after(this.#position, 1);
      if (alert === undefined) return;
      if (this.#book.isFor(this.#userId, alert)) {
        await this.#roomToSend();
        if (this.#over || this.#refusal() !== null || !this.#book.isFor(this.#userId, alert)) return;
        this.#event('alert', this.#book.view(alert), alert.sequence);
        void governance.note({
          action: 'alert.deliver',
          actor_id: this.#userId,
          actor_name: governance.state().users.get(this.#userId)?.name ?? this.#userId,
          roles: [],
          object_id: alert.id,
          decision: 'allow',
        });
      }
      this.#position = alert.sequence;
    }
  }

  #sayHits(): void {
    const { governance } = this.#services;
    for (const hitId of this.#changedHits) {
      const hit = governance.state().hits.get(hitId);
      if (hit && governance.isDeliverable(this.#userId, hit.category))
        this.#event('hit', hitView(hit, governance.nowMs()));
    }
    this.#changedHits.clear();
  }

  #sayChanges(): void {
    const { governance } = this.#services;
    const suspended = governance.suspended();
    if (suspended !== this.#suspended) {
      this.#suspended = suspended;
      this.#event('system', { suspended, orderNo: governance.state().suspension?.orderNo ?? null });
    }
  }

  #heartbeat(): void {
    const { governance, feed } = this.#services;
    this.#event('heartbeat', { nowMs: governance.nowMs(), lastSequence: feed.lastSequence() });
    const due = governance.dutiesDue().length;
    if (due !== this.#due) this.#event('duties', { due });
    this.#due = due;
  }

  /** A browser that does not read holds its own stream up, nobody else's. */
  async #roomToSend(): Promise<void> {
    while (!this.#over && (this.#out.desiredSize ?? 1) <= 0) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  #event(name: string, data: unknown, id?: number): void {
    this.#send(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #send(text: string): void {
    if (this.#over) return;
    if ((this.#out.desiredSize ?? 0) < -limits.alert.clientBacklogMax) this.stop();
    else this.#out.enqueue(Buffer.from(text));
  }
}
