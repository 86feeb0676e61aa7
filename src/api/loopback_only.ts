import type { MiddlewareHandler } from 'hono';
import { problem } from './problem.js';

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** Addresses the API may listen on while it has no accounts. */
export function isLoopback(host: string): boolean {
  return loopbackHost.test(host) || host === '::1';
}

/** Refuses requests made through another host name, so that a web page elsewhere can not reach us by DNS rebinding. */
export const loopbackOnly: MiddlewareHandler = async (c, next) => {
  if (!loopbackHost.test(c.req.header('host') ?? '')) {
    return problem(c, { status: 403, code: 'HOST_REFUSED', detail: 'Use the loopback address this server printed.' });
  }
  return next();
};
