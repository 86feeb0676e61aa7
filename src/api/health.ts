import { createHash, timingSafeEqual } from 'node:crypto';
import { ok } from '../data/result.js';
import { type AnyRoute, json, route, view } from './route.js';
import type { Services } from './services.js';

/** `/healthz`: the process answers. `/readyz`: it can do its work, or says why not. */
export function healthRoutes({ notReady, metrics }: Services): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The process answers.',
      rule: { kind: 'public' },
      handle: () => json({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'Whether the system can do its work, or why not.',
      rule: { kind: 'public' },
      handle() {
        const reasons = notReady();
        return json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
      },
    }),
    view({
      name: 'health',
      summary: 'The same figures as /metrics, for people who are signed in.',
      handle: async () => ok({ text: (await metrics()).text }),
    }),
  ];
}

/** Metrics are for this machine, or for who holds the token; they name cameras. */
export function mayReadMetrics(
  peerIsLocal: boolean,
  forwarded: boolean,
  authorization: string,
  token: string | null,
): boolean {
  if (peerIsLocal && !forwarded) return true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return token !== null && timingSafeEqual(digest(authorization), digest(`Bearer ${token}`));
}
