import { isIP } from 'node:net';
import { z } from 'zod';
import { fail } from '../data/result.js';
import { type Refusal, refusal } from '../policy/refusal.js';
import { type AnyRoute, json, route } from './route.js';
import type { Services } from './services.js';
import { siteOf } from './site.js';

const password = z.string().max(1024);
const userId = z.string().min(1).max(64);
const enrolled = z.object({ totpSecret: z.string(), totpUri: z.string() });

/** How a person gets a password and a second factor: by a one-time token, never by anybody else's choice. */
export function enrolmentRoutes(services: Services): AnyRoute[] {
  const { accounts } = services;
  return [
    route({
      method: 'POST',
      path: '/api/first',
      summary: "The first administrator of an empty system, by the one-time token on the machine's console.",
      rule: { kind: 'public' },
      body: z.strictObject({ token: z.string().max(256), userId, name: z.string().max(120), password }),
      answer: enrolled,
      async handle({ body, address }) {
        const { token, ...person } = body;
        const done = await accounts.enrolments.bootstrap(token, person, address);
        return done.ok ? json(done.value, 201) : done;
      },
    }),
    route({
      method: 'POST',
      path: '/api/enrol',
      summary: 'Set password and second factor with the one-time token an administrator handed over.',
      rule: { kind: 'public' },
      body: z.strictObject({ userId, token: z.string().max(256), password }),
      answer: enrolled,
      handle: ({ body, address }) => accounts.enrolments.enrol(body.userId, body.token, body.password, address),
    }),
    route({
      method: 'POST',
      path: '/api/passkeys/challenge',
      summary: 'What a browser needs to answer with a passkey; the same shape for unknown users.',
      rule: { kind: 'public' },
      body: z.strictObject({ userId }),
      handle: async ({ body, request }) => json(await accounts.passkeyOptions(body.userId, siteOf(services, request))),
    }),
    route({
      method: 'POST',
      path: '/api/passkeys/options',
      summary: 'What a browser needs to make a new passkey; shortly after a second factor only.',
      rule: { kind: 'session' },
      handle({ token, request }) {
        const site = siteOf(services, request);
        return isIP(site.rpId.replace(/^\[|\]$/g, ''))
          ? fail(nameless(site.origin))
          : accounts.newPasskeyOptions(token, site);
      },
    }),
    route({
      method: 'POST',
      path: '/api/passkeys',
      summary: 'Keep the passkey the browser has made.',
      rule: { kind: 'session' },
      body: z.strictObject({ response: z.looseObject({ id: z.string().max(1024) }) }),
      async handle({ token, body, request }) {
        const done = await accounts.addPasskey(token, siteOf(services, request), body.response as never);
        return done.ok ? json({}, 201) : done;
      },
    }),
  ];
}

/** Browsers make passkeys for names only (WebAuthn 5.1.3). */
function nameless(origin: string): Refusal {
  const { port } = new URL(origin);
  const named = `http://localhost${port ? `:${port}` : ''}`;
  const sentence = `a passkey belongs to a name, not to a number: open ${named} on this machine, or the configured origin`;
  return refusal('INPUT_INVALID', 'IV.C.2.a', sentence);
}
