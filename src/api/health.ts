import { Hono } from 'hono';

/** Why the system is not ready, one short sentence each; empty = ready. */
export type NotReady = () => readonly string[];

/** `/healthz`: the process answers. `/readyz`: it can do its work, or says why not. */
export function healthRoutes(notReady: NotReady): Hono {
  return new Hono()
    .get('/healthz', (c) => c.json({ status: 'ok' }))
    .get('/readyz', (c) => {
      const reasons = notReady();
      return c.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
    });
}
