import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Alert } from '../data/alert.js';
import { limits } from '../limits.js';
import { problem } from './problem.js';

/** Where alerts come from, as this edge sees it. */
export interface AlertFeed {
  /** Alerts with a sequence above `sequence`, oldest first. */
  after(sequence: number, count: number): readonly Alert[];
  lastSequence(): number;
  /** Hears of each new alert once it is durable. @returns how to stop. */
  listen(listener: () => void): () => void;
}

const heartbeatMs = 15_000;

/**
 * Server-sent events: `id` is the alert's sequence, so a browser resumes without loss or doubles (`Last-Event-ID`, or `?after=N`);
 * without either, only alerts from now on. A client holds a position, not a queue; one that falls too far behind is cut and resumes.
 */
export function alertRoutes(feed: AlertFeed, onClients: (change: 1 | -1) => void): Hono {
  return new Hono().get('/', (c) => {
    const text = c.req.header('last-event-id') ?? c.req.query('after') ?? String(feed.lastSequence());
    const afterSequence = Number(text);
    if (!Number.isSafeInteger(afterSequence) || afterSequence < 0) {
      return problem(c, { status: 422, code: 'BAD_REQUEST', detail: 'after / Last-Event-ID: a whole number from 0.' });
    }
    c.header('cache-control', 'no-store');
    return streamSSE(c, async (stream) => {
      let position = afterSequence;
      let wake: () => void = () => {};
      let over = false;
      const end = () => {
        over = true;
        wake();
      };
      // Only what came while this client was not reading counts against it, not the past it asked for.
      let behind = 0;
      const leave = feed.listen(() => {
        behind += 1;
        if (behind > limits.alert.clientBacklogMax) end();
        else wake();
      });
      stream.onAbort(end);
      c.req.raw.signal.addEventListener('abort', end);
      const heartbeat = setInterval(() => void stream.write(': still here\n\n'), heartbeatMs);
      onClients(1);
      try {
        await stream.write(': potential hits only; verify before any stop\n\n');
        while (!over) {
          const [alert] = feed.after(position, 1);
          if (alert) {
            await stream.writeSSE({
              id: String(alert.sequence),
              event: 'alert',
              data: JSON.stringify(alertView(alert)),
            });
            position = alert.sequence;
            behind = Math.min(behind, feed.lastSequence() - position);
          } else {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
        }
      } finally {
        onClients(-1);
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
