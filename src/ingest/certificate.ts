import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import { fail, ok, type Result } from '../data/result.js';
import type { CameraSettings } from './settings.js';

export const isEncrypted = (url: string): boolean => /^(rtsps|https):\/\//i.test(url);

/** Where systems keep the authorities that everybody trusts: Debian, Red Hat, SUSE, Alpine and macOS. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const defaultPorts: Readonly<Record<string, number>> = { 'rtsps:': 322, 'https:': 443 };

/** Who may have signed a camera's certificate. */
export interface Trust {
  readonly file: string;
  readonly certificates: readonly X509Certificate[];
}

/** @returns `null` when this camera's certificate is not checked; one line when there is nobody to trust. */
export function trustFor({ url, tls }: CameraSettings): Result<Trust | null, string> {
  if (!isEncrypted(url) || !tls.verify) return ok(null);
  const file = tls.caFile ?? systemBundles.find((path) => existsSync(path));
  if (file === undefined) return fail('this machine has no list of certificate authorities: give tls.caFile');
  try {
    const pem = readFileSync(file, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
    const certificates = (pem ?? []).map((one) => new X509Certificate(one));
    return certificates.length > 0 ? ok({ file, certificates }) : fail(`tls.caFile ${file} holds no certificate`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail(`tls.caFile ${file} cannot be read (${code ?? 'not a PEM certificate'})`);
  }
}

/**
 * Looks at a camera's certificate before FFmpeg connects: signed by somebody trusted, and made out to the host of the address or itself in
 * `caFile`. FFmpeg checks the signature again on its own connection, but neither the name nor can it say what was wrong.
 * @returns why the camera is not connected to, `null` when it may be
 */
export function certificateRefused(
  address: string,
  trust: Trust,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string | null> {
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port) || (defaultPorts[protocol] as number),
      ca: trust.certificates.map(String),
      ...(isIP(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
      checkServerIdentity: (name, certificate) =>
        isPinned(certificate, trust) ? undefined : checkServerIdentity(name, certificate),
    });
    const timer = setTimeout(() => settle(`no answer within ${timeoutMs} ms`), timeoutMs);
    const stop = () => settle('stopped');
    signal.addEventListener('abort', stop);
    function settle(reason: string | null): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve(reason);
    }
    socket.once('secureConnect', () => settle(socket.authorized ? null : refusal(socket.authorizationError)));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      settle(`no TLS connection (${error.code ?? error.message})`),
    );
    socket.once('close', () => settle('the connection was closed during the TLS handshake'));
  });
}

function isPinned({ raw }: PeerCertificate, { certificates }: Trust): boolean {
  return certificates.some((one) => one.raw.equals(raw));
}

const refusal = (why: unknown) =>
  `its certificate is not accepted (${String(why)}): give tls.caFile, or tls: {verify: false} on a network of its own`;
