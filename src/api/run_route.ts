import type { Context } from 'hono';
import type { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';
import type { Actor } from '../policy/command.js';
import type { PersonPrincipal } from '../policy/principal.js';
import { refusal } from '../policy/refusal.js';
import { addressOf, type NodeBindings, peerOf } from './address.js';
import { readJson } from './body.js';
import { httpProblem, refusalProblem } from './problem.js';
import { type AnyRoute, json } from './route.js';
import type { Services } from './services.js';
import { tokenOf } from './session_cookie.js';

const bodyBytesMax = 1 << 20;

/** The life of one request, the same for every route: who asks, whether they may, what they ask, the answer. */
export function runRoute(route: AnyRoute, services: Services): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = c.req.raw;
    const token = tokenOf(request);
    const who = await identify(route, services, token);
    if (!who.ok) return who.error;
    const body = await bodyOf(route, request);
    if (!body.ok) return body.error;
    const query = checked(route.query, c.req.query());
    if (!query.ok) return query.error;
    const answer = await route.handle({
      ...who.value,
      token,
      body: body.value,
      query: query.value,
      params: c.req.param(),
      address: callerOf(c, services),
      request,
    });
    if (answer instanceof Response) return answer;
    return answer.ok ? json(answer.value) : refusalProblem(answer.error);
  };
}

type Who = { readonly principal: PersonPrincipal; readonly actor: Actor };

/** Of a public route nobody needs to be anybody: its handler does not look. */
const nobody = {} as Who;

async function identify(route: AnyRoute, services: Services, token: string): Promise<Result<Who, Response>> {
  const { rule } = route;
  if (rule.kind === 'public') return ok(nobody);
  const { accounts, governance } = services;
  const principal = accounts.principalOf(token, route.keepsIdle ? 'peek' : 'use');
  if (!principal.ok) return fail(refusalProblem(principal.error));
  const { userId } = principal.value;
  const user = governance.state().users.get(userId);
  const self: Actor = { id: userId, name: user?.name ?? userId, roles: [], isPrincipal: false };
  if (rule.kind === 'session' && user?.frozen && !rule.evenFrozen) {
    return fail(refusalProblem(refusal('ACCOUNT_LOCKED', 'II.pre', 'this account is frozen; ask the administrator')));
  }
  if (rule.kind !== 'view') return ok({ principal: principal.value, actor: self });
  const actor = await governance.look(rule.name, principal.value);
  return actor.ok ? ok({ principal: principal.value, actor: actor.value }) : fail(refusalProblem(actor.error));
}

async function bodyOf(route: AnyRoute, request: Request): Promise<Result<unknown, Response>> {
  if (route.body === undefined) return ok(undefined);
  const read = await readJson(request, route.bodyBytesMax ?? bodyBytesMax);
  return read.ok && !route.checksOwnBody ? checked(route.body, read.value) : read;
}

function checked(schema: z.ZodType | undefined, given: unknown): Result<unknown, Response> {
  if (schema === undefined) return ok(given);
  const parsed = schema.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return fail(httpProblem('INPUT_INVALID', `${issue?.path.join('.') || 'input'}: ${issue?.message ?? 'not valid'}`));
}

function callerOf(c: Context, services: Services): string | null {
  const peer = peerOf(c.env as NodeBindings | undefined);
  return addressOf(peer, c.req.header('x-forwarded-for') ?? null, services.server.trustedProxies);
}
