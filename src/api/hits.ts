import { z } from 'zod';
import { fail, ok } from '../data/result.js';
import { entryStanding } from '../policy/areas/entries.js';
import { canGoOn } from '../policy/areas/handover.js';
import type { Actor } from '../policy/command.js';
import { refusal } from '../policy/refusal.js';
import { hitView } from './hit_view.js';
import { type AnyRoute, route, view } from './route.js';
import type { Services } from './services.js';

/** What people work on: hits and the entries they come from. */
export function hitRoutes({ governance, accounts }: Services): AnyRoute[] {
  return [
    view({
      name: 'hits',
      summary: 'Hits of the caller’s own profile; what was read stays hidden until a person has compared it.',
      query: z.strictObject({ state: z.enum(['open', 'closed', 'all']).default('all') }),
      handle({ principal, query }) {
        const mine = [...governance.state().hits.values()].filter(
          (hit) =>
            (query.state === 'all' || (hit.closed === null) === (query.state === 'open')) &&
            governance.isDeliverable(principal.userId, hit.category),
        );
        return ok({ items: mine.map((hit) => hitView(hit, governance.nowMs())) });
      },
    }),
    route({
      method: 'GET',
      path: '/api/hits/{hitId}',
      summary: 'One hit.',
      rule: { kind: 'view', name: 'hits' },
      handle({ principal, params }) {
        const hit = governance.state().hits.get(params['hitId'] ?? '');
        return hit && governance.isDeliverable(principal.userId, hit.category)
          ? ok(hitView(hit, governance.nowMs()))
          : fail(refusal('NOT_FOUND', 'III.L', 'there is no such hit'));
      },
    }),
    route({
      method: 'GET',
      path: '/api/hits/{hitId}/colleagues',
      summary: 'Whom the hit can be handed over to: who is trained and told of its category; nobody else is named.',
      rule: { kind: 'view', name: 'hits' },
      handle({ principal, params }) {
        const { policy } = governance;
        const [state, nowMs] = [governance.state(), governance.nowMs()];
        const hit = state.hits.get(params['hitId'] ?? '');
        if (!hit || !governance.isDeliverable(principal.userId, hit.category)) {
          return fail(refusal('NOT_FOUND', 'III.L', 'there is no such hit'));
        }
        const others = [...state.users.values()].filter(
          ({ userId }) => userId !== principal.userId && canGoOn({ state, policy, nowMs }, userId, hit),
        );
        return ok({
          items: others.map(({ userId, name }) => ({ userId, name, sessionLive: accounts.isLoggedIn(userId) })),
        });
      },
    }),
    view({
      name: 'entries',
      summary:
        'Manual entries and requests; an operator sees the plates of own requests only, so that a comparison stays blind.',
      handle({ actor }) {
        const { entries, entryRequests } = governance.state();
        const nowMs = governance.nowMs();
        const items = [...entries.values()].map((entry) => ({
          ...veiled(entry, entry.requestedBy, actor),
          standing: entryStanding(entry, nowMs),
        }));
        const requests = [...entryRequests].map(([requestId, asked]) => ({
          requestId,
          ...veiled(asked, asked.by, actor),
        }));
        return ok({ items, requests });
      },
    }),
  ];
}

function veiled<Content extends { readonly plate: string | null }>(content: Content, askedBy: string, actor: Actor) {
  const may = actor.roles.some((role) => role === 'supervisor' || role === 'administrator') || askedBy === actor.id;
  return may ? content : { ...content, plate: null };
}
