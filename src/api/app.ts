import { type Context, Hono } from 'hono';
import { assert } from '../data/result.js';
import { type NodeBindings, peerOf } from './address.js';
import { consoleFiles } from './console.js';
import { documentRoutes } from './documents.js';
import { isLoopback, knownHostsOnly, ownContentOnly, ownPagesOnly } from './guard.js';
import { mayReadMetrics } from './health.js';
import { httpProblem } from './problem.js';
import { allRoutes, unruledRoutes } from './routes.js';
import { runRoute } from './run_route.js';
import type { Services } from './services.js';

/** The whole HTTP surface, without a port: `app.request(...)` in tests, a server around it in `serve`. */
export function createApp(services: Services): Hono {
  const app = new Hono();
  app.use(ownContentOnly, knownHostsOnly(services.server.origin), proxiesOnly(services), ownPagesOnly);
  const routes = allRoutes(services);
  routes.push(...documentRoutes(routes));
  const unruled = unruledRoutes(services.governance.policy, routes);
  assert(unruled === null, unruled ?? '');
  for (const route of routes) app.on(route.method, pathOf(route.path), runRoute(route, services));
  app.get('/metrics', (c) => metrics(c, services));
  app.get('*', consoleFiles());
  app.notFound(() => httpProblem('NOT_FOUND', 'There is nothing at this address.'));
  app.onError((error, c) => {
    services.log.error({ error: error.message, path: c.req.path }, 'request failed');
    return httpProblem('INTERNAL', 'This request could not be answered; see the log.');
  });
  return app;
}

/** `/api/hits/{hitId}` as Hono writes it. */
function pathOf(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1');
}

/** Beyond loopback without TLS of our own, only the stated proxies reach us. */
function proxiesOnly({ server }: Services) {
  return async (c: Context, next: () => Promise<void>) => {
    const peer = peerOf(c.env as NodeBindings | undefined);
    const direct = peer === null || isLoopback(peer) || server.trustedProxies.length === 0;
    if (direct || server.trustedProxies.includes(peer)) return next();
    return httpProblem('HOST_REFUSED', 'Use the address in server.origin.');
  };
}

async function metrics(c: Context, services: Services): Promise<Response> {
  const peer = peerOf(c.env as NodeBindings | undefined);
  const forwarded = c.req.header('x-forwarded-for') !== undefined;
  const authorization = c.req.header('authorization') ?? '';
  if (!mayReadMetrics(peer === null || isLoopback(peer), forwarded, authorization, services.server.metricsToken))
    return httpProblem('NOT_FOUND', 'There is nothing at this address.');
  const { contentType, text } = await services.metrics();
  return c.body(text, 200, { 'content-type': contentType, 'cache-control': 'no-store' });
}
