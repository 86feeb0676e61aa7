import type { AnyRoute } from '../../src/api/route.js';
import type { ApiClient, Reply } from '../support/api_client.js';

/** Signing out would end the session that asks, and streams do not end by themselves. */
export function isAskable({ method, path }: AnyRoute): boolean {
  return !(method === 'DELETE' && path === '/api/session') && path !== '/api/alerts';
}

/** The route with an empty question: what the gates say comes before what is wrong with it. */
export function ask(client: ApiClient, { method, path }: AnyRoute): Promise<Reply> {
  const filled = path.replace(/\{\w+\}/g, 'nothing-1');
  return method === 'GET' ? client.get(filled) : client.send(method, filled, {});
}
