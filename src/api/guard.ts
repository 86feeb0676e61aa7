import type { MiddlewareHandler } from 'hono';
import { httpProblem } from './problem.js';

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/;

/** Whether a host to listen on, or the peer's address, is this machine alone. */
export function isLoopback(host: string): boolean {
  return loopbackHost.test(host) || host === '::1' || host.startsWith('::ffff:127.');
}

/** Refuses requests made through another host name, so that a web page elsewhere can not reach us by DNS rebinding. */
export function knownHostsOnly(origin: string | null): MiddlewareHandler {
  const own = origin === null ? null : new URL(origin).host;
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    return loopbackHost.test(host) || host === own
      ? next()
      : httpProblem('HOST_REFUSED', 'Use the address this server printed, or the one in server.origin.');
  };
}

/** What changes something must come from our own pages: a header no foreign form can set, and the browser's own word. */
export const ownPagesOnly: MiddlewareHandler = async (c, next) => {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const foreign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && hostOf(origin) !== c.req.header('host'));
  if (!foreign && c.req.header('x-platestream') === '1') return next();
  return httpProblem('CROSS_SITE', 'Send this from the console itself, with the header x-platestream: 1.');
};

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Scripts, styles, pictures and connections of our own only; never framed; nothing kept by caches. */
export const ownContentOnly: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  headers.set(
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; " +
      "media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  headers.set('cross-origin-opener-policy', 'same-origin');
  headers.set('cross-origin-resource-policy', 'same-origin');
  headers.set('cross-origin-embedder-policy', 'require-corp');
  headers.set('referrer-policy', 'no-referrer');
  headers.set('x-content-type-options', 'nosniff');
  headers.set('x-frame-options', 'DENY');
  headers.set('permissions-policy', 'camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self)');
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
};
