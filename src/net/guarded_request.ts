import { lookup as systemLookup } from 'node:dns';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { fail, ok, type Result } from '../data/result.js';
import { isPrivateAddress } from './private_address.js';

export interface GuardedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Lets it go to private and loopback addresses, and over plain http. */
  readonly privateAddresses: boolean;
  /** PEM of the only authority that may sign the server's certificate; none = the usual ones. */
  readonly ca?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Replaces the system's resolver, in tests of one that lies. */
  readonly lookup?: LookupFunction;
}

/**
 * One request to an address out of a setting (OWASP: server-side request forgery): https, never a redirect, never through a kept
 * connection. A name is resolved once and the very address that was checked is the one that is connected to, so a name whose address
 * changes between the check and the use (DNS rebinding) gains nothing.
 */
export function guardedRequest(asked: GuardedRequest): Promise<Result<IncomingMessage, string>> {
  const url = URL.canParse(asked.url) ? new URL(asked.url) : null;
  const wrong = url === null ? 'not an address' : refusalOf(url, asked.privateAddresses);
  if (url === null || wrong !== null) return Promise.resolve(fail(wrong ?? 'not an address'));
  const send = url.protocol === 'https:' ? secureRequest : plainRequest;
  return new Promise((resolve) => {
    const sent = send(url, {
      method: asked.method,
      headers: asked.headers,
      agent: false,
      timeout: asked.timeoutMs,
      lookup: guarded(asked.lookup ?? (systemLookup as LookupFunction), asked.privateAddresses),
      ...(asked.ca !== undefined && { ca: asked.ca }),
      ...(asked.signal !== undefined && { signal: asked.signal }),
    });
    sent.once('response', (answer) => resolve(ok(answer)));
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', (error: NodeJS.ErrnoException) => resolve(fail(error.code ?? error.message)));
    sent.end(asked.body);
  });
}

function refusalOf(url: URL, privateAddresses: boolean): string | null {
  if (url.username !== '' || url.password !== '') return 'credentials do not belong into an address';
  if (url.protocol !== 'https:' && !(privateAddresses && url.protocol === 'http:')) return 'only https is allowed';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !privateAddresses && isPrivateAddress(host) ? 'a private address is not allowed' : null;
}

function guarded(lookup: LookupFunction, privateAddresses: boolean): LookupFunction {
  return (host, options, done) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return done(error, '', 0);
      const addresses = Array.isArray(found) ? found : [];
      const allowed = addresses.every(({ address }) => privateAddresses || !isPrivateAddress(address));
      const [first] = addresses;
      if (!first || !allowed) return done(new Error('a private address is not allowed'), '', 0);
      if (options.all) return done(null, addresses);
      done(null, first.address, first.family);
    });
}

/** Takes the whole body, up to a cap. */
export async function bodyOf(answer: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    bytes += (part as Buffer).length;
    if (bytes > bytesMax) {
      answer.destroy();
      throw new Error(`more than ${bytesMax} bytes`);
    }
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
