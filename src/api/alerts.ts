import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Alert } from '../data/alert.js';
import { problem } from './problem.js';

/** Where alerts come from: the alert room's feed, as this edge sees it. */
export interface AlertFeed {
  /**
   * Alerts with a sequence above `afterSequence`, old ones first, then live.
   * @returns how to leave; `onCut` says the client was too slow and must resume by its last id.
   */
  subscribe(client: {
    readonly afterSequence: number;
    readonly onAlert: (alert: Alert) => void;
    readonly onCut: (reason: string) => void;
  }): () => void;
  /** Sequence of the newest alert, 0 when there is none. */
  lastSequence(): number;
}

const heartbeatMs = 15_000;

/**
 * Server-sent events: `id` is the alert's sequence, so a browser resumes without loss or doubles (`Last-Event-ID`, or `?after=N`).
 * Without either, only alerts from now on are sent.
 */
export function alertRoutes(feed: AlertFeed): Hono {
  return new Hono().get('/', (c) => {
    const text = c.req.header('last-event-id') ?? c.req.query('after') ?? String(feed.lastSequence());
    const afterSequence = Number(text);
    if (!Number.isSafeInteger(afterSequence) || afterSequence < 0) {
      return problem(c, { status: 422, code: 'BAD_REQUEST', detail: 'after / Last-Event-ID: a whole number from 0.' });
    }
    c.header('cache-control', 'no-store');
    return streamSSE(c, async (stream) => {
      const backlog: Alert[] = [];
      let wake: () => void = () => {};
      let over: string | null = null;
      const leave = feed.subscribe({
        afterSequence,
        onAlert: (alert) => {
          backlog.push(alert);
          wake();
        },
        onCut: (reason) => {
          over = reason;
          wake();
        },
      });
      const end = () => {
        over ??= 'client left';
        wake();
      };
      stream.onAbort(end);
      c.req.raw.signal.addEventListener('abort', end);
      const heartbeat = setInterval(() => void stream.write(': still here\n\n'), heartbeatMs);
      try {
        while (over === null) {
          const alert = backlog.shift();
          if (alert)
            await stream.writeSSE({
              id: String(alert.sequence),
              event: 'alert',
              data: JSON.stringify(alertView(alert)),
            });
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        clearInterval(heartbeat);
        leave();
      }
    });
  });
}

/** What an operator's screen gets: everything but the image bytes. */
export function alertView(alert: Alert) {
  const { read, entry, list, ...match } = alert.match;
  const { evidence, ...withoutImages } = read;
  return {
    id: alert.id,
    sequence: alert.sequence,
    createdAtMs: alert.createdAtMs,
    potential: alert.potential,
    verification: alert.verification,
    canary: alert.canary,
    sound: true,
    ...match,
    read: { ...withoutImages, vehicleSha256: evidence.vehicleSha256, plateSha256: evidence.plateSha256 },
    entry,
    list,
  };
}
