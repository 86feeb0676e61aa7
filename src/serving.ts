import { readFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { isLoopback } from './api/guard.js';
import type { ServerSettings } from './api/settings.js';
import { fail, ok, type Result } from './data/result.js';

type Fetch = (request: Request, env: unknown) => Response | Promise<Response>;

export interface Serving {
  readonly address: string;
  close(): Promise<void>;
}

/** @returns why it may not listen so, or `null`: beyond this machine only with TLS, our own or that of a stated proxy. */
export function exposureProblem({ host, tls, trustedProxies, origin }: ServerSettings): string | null {
  if ((tls.certFile === null) !== (tls.keyFile === null)) return 'server.tls: give both certFile and keyFile';
  const protectedLine = tls.certFile !== null || trustedProxies.length > 0;
  if (isLoopback(host)) return null;
  if (!protectedLine) {
    return `server.host ${host}: beyond loopback only with TLS: set server.tls.certFile and keyFile, or name the proxy that ends TLS in server.trustedProxies`;
  }
  if (origin === null || !origin.startsWith('https://'))
    return `server.host ${host}: beyond loopback server.origin is needed, e.g. https://alpr.example.gov`;
  return null;
}

/** Listens as configured. @returns the address, or one line that says what stands in the way. */
export function startServing(fetch: Fetch, settings: ServerSettings): Promise<Result<Serving, string>> {
  const { host: hostname, port } = settings;
  const keys = readKeys(settings);
  if (!keys.ok) return Promise.resolve(keys);
  const scheme = keys.value === null ? 'http' : 'https';
  const secure = keys.value === null ? {} : { createServer: createTlsServer, serverOptions: keys.value };
  return new Promise((resolve) => {
    const server = serve({ fetch: fetch as never, hostname, port, ...secure }, (info: AddressInfo) => {
      const address = `${scheme}://${hostname.includes(':') ? `[${hostname}]` : hostname}:${info.port}`;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          if ('closeAllConnections' in server) server.closeAllConnections();
        });
      resolve(ok({ address, close }));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        fail(
          error.code === 'EADDRINUSE' ? `port ${port} is in use; set server.port` : `cannot listen: ${error.message}`,
        ),
      );
    });
  });
}

type Keys = { readonly cert: Buffer; readonly key: Buffer; readonly minVersion: 'TLSv1.2' } | null;

function readKeys({ tls: { certFile, keyFile } }: ServerSettings): Result<Keys, string> {
  if (certFile === null || keyFile === null) return ok(null);
  try {
    return ok({ cert: readFileSync(certFile), key: readFileSync(keyFile), minVersion: 'TLSv1.2' });
  } catch (error) {
    return fail(`server.tls: ${(error as Error).message}`);
  }
}

/** @returns the bearer token for `/metrics`, `null` where none is set, or what is wrong with its file. */
export function readMetricsToken({ metricsTokenFile }: ServerSettings): Result<string | null, string> {
  if (metricsTokenFile === null) return ok(null);
  try {
    const token = readFileSync(metricsTokenFile, 'utf8').trim();
    return token.length >= 16 ? ok(token) : fail(`server.metricsTokenFile: at least 16 characters`);
  } catch (error) {
    return fail(`server.metricsTokenFile: ${(error as Error).message}`);
  }
}
