import type { z } from 'zod';
import type { Result } from '../data/result.js';
import type { Actor } from '../policy/command.js';
import type { PersonPrincipal } from '../policy/principal.js';
import type { Refusal } from '../policy/refusal.js';

/**
 * Who may call a route: anybody (`public`), any live session (`session`), or as a line of the policy file says. A view's gates are
 * asked before the handler; a command or an access asks them itself, in `Governance.execute` and `openAccess`.
 */
type RouteRule =
  | { readonly kind: 'public' }
  | { readonly kind: 'session'; readonly evenFrozen?: boolean }
  | { readonly kind: 'view' | 'command' | 'access'; readonly name: string };

/** One request that has passed what its rule asks for beforehand. */
export interface Call<Body, Query> {
  readonly principal: PersonPrincipal;
  /** The session's token; never logged, never answered. */
  readonly token: string;
  /** Of a `view` rule: who looks, in which roles. */
  readonly actor: Actor;
  readonly body: Body;
  readonly query: Query;
  /** Of the path; `{cameraId}` is `params.cameraId`. */
  readonly params: Readonly<Record<string, string>>;
  /** The caller's network address, where known. */
  readonly address: string | null;
  readonly request: Request;
}

/** JSON, a refusal, or a whole response (images, streams, cookies). */
type Answer = Response | Result<unknown, Refusal>;

export interface Route<Body, Query> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it: `/api/hits/{hitId}`. */
  readonly path: string;
  readonly summary: string;
  readonly rule: RouteRule;
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly answer?: z.ZodType;
  /** What the answer is when it is not JSON. */
  readonly mediaType?: string;
  /** Largest body, bytes; one MiB unless said. */
  readonly bodyBytesMax?: number;
  /** Looking at the session does not keep it alive: status and streams. */
  readonly keepsIdle?: boolean;
  /** The handler checks the body itself, and its refusal goes into the ledger (commands, accesses). */
  readonly checksOwnBody?: boolean;
  handle(call: Call<Body, Query>): Answer | Promise<Answer>;
}

export type AnyRoute = Route<unknown, unknown>;

/** Checks the types of one route and forgets them, so that all fit one table. */
export function route<Body, Query>(definition: Route<Body, Query>): AnyRoute {
  return definition as unknown as AnyRoute;
}

type View<Body, Query> = Omit<Route<Body, Query>, 'method' | 'path' | 'rule'> & { readonly name: string };

/** What a line of the policy's `views` lets people look at, at the address of its name. */
export function view<Query>({ name, ...more }: View<unknown, Query>): AnyRoute {
  return route({ method: 'GET', path: `/api/views/${name}`, rule: { kind: 'view', name }, ...more });
}

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
}
