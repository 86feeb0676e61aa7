import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Log } from '../observe/log.js';
import { type AlertFeed, alertRoutes } from './alerts.js';
import { type CameraView, cameraRoutes } from './cameras.js';
import { healthRoutes, type NotReady } from './health.js';
import { loopbackOnly } from './loopback_only.js';
import { problem } from './problem.js';

export interface AppDependencies {
  readonly notReady: NotReady;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly feed: AlertFeed;
  readonly onFeedClients: (change: 1 | -1) => void;
  readonly cameras: () => readonly CameraView[];
  readonly log: Log;
}

/** The whole HTTP surface, without a port: `app.request(...)` in tests, `serve(app)` in main. */
export function createApp(deps: AppDependencies): Hono {
  const app = new Hono();
  app.use(loopbackOnly, secureHeaders());
  app.route('/', healthRoutes(deps.notReady));
  app.get('/metrics', async (c) => {
    const { contentType, text } = await deps.metrics();
    return c.body(text, 200, { 'content-type': contentType, 'cache-control': 'no-store' });
  });
  app.route('/api/alerts', alertRoutes(deps.feed, deps.onFeedClients));
  app.route('/api/cameras', cameraRoutes(deps.cameras));
  app.notFound((c) => problem(c, { status: 404, code: 'NOT_FOUND', detail: 'There is nothing at this address.' }));
  app.onError((error, c) => {
    deps.log.error({ error: error.message, path: c.req.path }, 'request failed');
    return problem(c, { status: 500, code: 'INTERNAL', detail: 'This request could not be answered; see the log.' });
  });
  return app;
}
