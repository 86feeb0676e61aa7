import { hash } from 'node:crypto';
import { z } from 'zod';
import { ok } from '../data/result.js';
import type { SecondFactor } from '../policy/accounts/second_factors.js';
import { minuteMs } from '../policy/command.js';
import { rolesOf } from '../policy/gates.js';
import type { Rule } from '../policy/policy_file.js';
import type { PersonPrincipal } from '../policy/principal.js';
import { trainedUntilMs, trainingStanding } from '../policy/training.js';
import { type AnyRoute, json, route } from './route.js';
import type { Services } from './services.js';
import { noSessionCookie, sessionCookie } from './session_cookie.js';
import { siteOf } from './site.js';

/** A login of the demonstration, for the sign-in page; exists in demo mode on loopback only. */
export interface DemoLogin {
  readonly userId: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly password: string;
  /** The code an authenticator app would show now. */
  readonly code: string;
  readonly codeUntilMs: number;
}

const login = z.string().min(1).max(64);
const totpFactor = z.strictObject({ kind: z.literal('totp'), code: z.string().max(16) });
const passkeyFactor = z.strictObject({
  kind: z.literal('passkey'),
  response: z.looseObject({ id: z.string().max(1024) }),
});
const factorBody = z.discriminatedUnion('kind', [totpFactor, passkeyFactor]);

function factorOf(asked: z.infer<typeof factorBody>, services: Services, request: Request): SecondFactor {
  if (asked.kind === 'totp') return asked;
  return { kind: 'passkey', site: siteOf(services, request), response: asked.response as never };
}

const refusedView = z.object({ code: z.string(), clause: z.string(), detail: z.string() });
const sessionAnswer = z.object({
  userId: z.string(),
  name: z.string(),
  roles: z.array(z.string()),
  isPrincipal: z.boolean(),
  profile: z.array(z.string()).nullable(),
  training: z.enum(['current', 'missing', 'expired']),
  trainedUntilMs: z.int().nullable(),
  frozen: z.boolean(),
  idleEndsAtMs: z.int(),
  endsAtMs: z.int(),
  steppedUpUntilMs: z.int().nullable(),
  demo: z.boolean(),
  suspended: z.object({ orderNo: z.string(), sinceMs: z.int() }).nullable(),
  can: z.record(z.string(), refusedView.nullable()),
});

function bannerSha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** What the person of a session is and may do, now; the gates of every request decide again. */
function sessionView({ governance, accounts, demo }: Services, principal: PersonPrincipal, token: string) {
  const { userId } = principal;
  const state = governance.state();
  const { policy } = governance;
  const user = state.users.get(userId);
  const nowMs = governance.nowMs();
  const until = trainedUntilMs(state, policy, userId);
  const fresh: PersonPrincipal = { ...principal, steppedUpAtMs: nowMs };
  const rules: Readonly<Record<string, Rule>> = { ...policy.commands, ...policy.accesses, ...policy.views };
  const can = Object.entries(rules).map(([name, rule]) => {
    const answer = governance.authorise(fresh, rule);
    return [
      name,
      answer.ok ? null : { code: answer.error.code, clause: answer.error.clause, detail: answer.error.sentence },
    ];
  });
  const stepUpMs = policy.numbers.stepUpMinutes * minuteMs;
  return {
    userId,
    name: user?.name ?? userId,
    roles: rolesOf(state, userId, nowMs),
    isPrincipal: state.principalUserId === userId,
    profile: governance.profileOf(userId),
    training: trainingStanding(state, policy, userId, nowMs),
    trainedUntilMs: until,
    frozen: user?.frozen ?? true,
    ...accounts.endsOf(token),
    steppedUpUntilMs: principal.steppedUpAtMs === null ? null : principal.steppedUpAtMs + stepUpMs,
    demo: demo !== null,
    suspended:
      state.suspension === null ? null : { orderNo: state.suspension.orderNo, sinceMs: state.suspension.sinceMs },
    can: Object.fromEntries(can),
  };
}

export function sessionRoutes(services: Services): AnyRoute[] {
  const { governance, accounts } = services;
  const view = (token: string) => {
    const principal = accounts.principalOf(token, 'peek');
    return principal.ok ? ok(sessionView(services, principal.value, token)) : principal;
  };
  return [
    route({
      method: 'GET',
      path: '/api/banner',
      summary: 'What everybody is told before signing in.',
      rule: { kind: 'public' },
      handle: () =>
        ok({
          text: governance.policy.banner,
          sha256: bannerSha256(governance.policy.banner),
          needsFirstAdministrator: governance.state().users.size === 0,
          suspended: governance.suspended(),
          demo: services.demo?.() ?? null,
        }),
    }),
    route({
      method: 'POST',
      path: '/api/session',
      summary: 'Sign in with password and second factor, the use banner acknowledged.',
      rule: { kind: 'public' },
      body: z.strictObject({
        userId: login,
        password: z.string().max(1024),
        factor: factorBody,
        acknowledgedBanner: z.literal(true, { error: 'read and acknowledge the banner first' }),
        replace: z.boolean().default(false),
      }),
      answer: sessionAnswer,
      async handle({ body, address, request }) {
        const { userId, password, replace } = body;
        const factor = factorOf(body.factor, services, request);
        const banner = bannerSha256(governance.policy.banner);
        const opened = await accounts.login({ userId, password, factor, address, replace, bannerSha256: banner });
        if (!opened.ok) return opened;
        const session = view(opened.value.token);
        return session.ok ? json(session.value, 201, { 'set-cookie': sessionCookie(opened.value.token) }) : session;
      },
    }),
    route({
      method: 'GET',
      path: '/api/session',
      summary: 'Who is signed in, and what they may do now; does not keep an idle session alive.',
      rule: { kind: 'session', evenFrozen: true },
      keepsIdle: true,
      answer: sessionAnswer,
      handle: ({ token }) => view(token),
    }),
    route({
      method: 'DELETE',
      path: '/api/session',
      summary: 'Sign out.',
      rule: { kind: 'session', evenFrozen: true },
      async handle({ token }) {
        await accounts.logout(token);
        return new Response(null, { status: 204, headers: { 'set-cookie': noSessionCookie } });
      },
    }),
    route({
      method: 'POST',
      path: '/api/session/step-up',
      summary: 'The second factor once more, for exports, exceptions and user administration.',
      rule: { kind: 'session' },
      body: z.strictObject({ factor: factorBody }),
      answer: sessionAnswer,
      async handle({ token, body, request }) {
        const done = await accounts.stepUp(token, factorOf(body.factor, services, request));
        return done.ok ? view(token) : done;
      },
    }),
  ];
}
