import type { Site } from '../policy/accounts/passkeys.js';
import type { Services } from './services.js';

/** The site passkeys belong to: the configured origin, else the loopback address the browser used. */
export function siteOf({ server }: Services, request: Request): Site {
  const origin = server.origin ?? `http://${request.headers.get('host') ?? 'localhost'}`;
  return { origin, rpId: new URL(origin).hostname };
}
