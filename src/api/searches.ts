import { z } from 'zod';
import { ok } from '../data/result.js';
import { refusalProblem } from './problem.js';
import { type AnyRoute, json, route, view } from './route.js';
import type { Services } from './services.js';

/** A reason, and either what to search or the number of a search that was agreed to; `history.ts` checks it and records what it refuses. */
const searchBody = z.looseObject({
  reason: z.looseObject({ basis: z.string(), facts: z.string() }),
  criteria: z.looseObject({ kind: z.enum(['reads', 'plates', 'hours', 'co_travel']) }).optional(),
  cosigned: z.int().optional(),
});

/** Searches in the reads kept: each with a reason, recorded before it runs and before it is shown [IV.A.5]. */
export function searchRoutes({ history, governance }: Services): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/api/searches',
      summary: 'One search; `end.complete` says whether there is more.',
      rule: { kind: 'access', name: 'reads.search' },
      body: searchBody,
      checksOwnBody: true,
      async handle({ principal, body }) {
        const answer = await history.reads.search(principal, body);
        if (!answer.ok) return refusalProblem(answer.error);
        return json(answer.value, 200, { 'x-platestream-sequence': String(answer.value.sequence) });
      },
    }),
    view({
      name: 'saved_searches',
      summary: 'What the caller has saved to search again; each run states a reason of its own.',
      handle({ principal }) {
        const own = [...governance.state().savedSearches.values()].filter((one) => one.userId === principal.userId);
        return ok({ items: own.map(({ name, criteria, atMs }) => ({ name, criteria, atMs })) });
      },
    }),
    view({
      name: 'cosigns',
      summary:
        'Searches that wait for a supervisor’s agreement or have it, newest first; an operator sees only own ones.',
      handle({ actor }) {
        const all = actor.roles.some((role) => role !== 'operator');
        return ok({ items: history.reads.cosigns().filter((one) => all || one.userId === actor.id) });
      },
    }),
  ];
}
