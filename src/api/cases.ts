import { z } from 'zod';
import { ok } from '../data/result.js';
import { picture } from './images.js';
import { refusalProblem } from './problem.js';
import { type AnyRoute, json, route } from './route.js';
import type { Services } from './services.js';

const reason = z.looseObject({ basis: z.string(), facts: z.string() });

/** What cases keep until their final disposition [IV.F.2]. */
export function caseRoutes({ history, governance }: Services): AnyRoute[] {
  return [
    route({
      method: 'GET',
      path: '/api/cases',
      summary: 'Cases and what they keep.',
      rule: { kind: 'view', name: 'holds' },
      handle: () =>
        ok({
          items: [...governance.state().holds.values()].map((hold) => ({ ...hold, reads: hold.readIds.length })),
        }),
    }),
    route({
      method: 'POST',
      path: '/api/cases/preserve',
      summary: 'Keeps reads, rows and pictures, for a case; `missing` are not in the store (any more).',
      rule: { kind: 'command', name: 'hold.open' },
      body: z.looseObject({ caseNo: z.string(), readIds: z.array(z.string()), why: z.string() }),
      checksOwnBody: true,
      async handle({ principal, body }) {
        const done = await history.cases.preserve(principal, body);
        if (!done.ok) return done;
        const { sequence, warnings, preserved, missing } = done.value;
        return ok({ sequence, warnings, preserved, missing });
      },
    }),
    route({
      method: 'POST',
      path: '/api/cases/read',
      summary: 'The reads a case keeps.',
      rule: { kind: 'access', name: 'case.read' },
      body: z.looseObject({ reason, caseNo: z.string() }),
      checksOwnBody: true,
      async handle({ principal, body }) {
        const answer = await history.reads.caseReads(principal, body);
        if (!answer.ok) return answer;
        return json(answer.value, 200, { 'x-platestream-sequence': String(answer.value.sequence) });
      },
    }),
    route({
      method: 'POST',
      path: '/api/cases/image',
      summary: 'One picture of one read that a case keeps.',
      rule: { kind: 'access', name: 'case.read' },
      mediaType: 'image/jpeg',
      body: z.looseObject({ reason, caseNo: z.string(), readId: z.string(), which: z.enum(['vehicle', 'plate']) }),
      checksOwnBody: true,
      async handle({ principal, body }) {
        const answer = await history.reads.caseImage(principal, body);
        return answer.ok ? picture(answer.value) : refusalProblem(answer.error);
      },
    }),
    route({
      method: 'POST',
      path: '/api/cases/dispose',
      summary: 'Deletes what a case kept, after its final disposition; the certificate says what was.',
      rule: { kind: 'command', name: 'hold.dispose' },
      body: z.looseObject({ caseNo: z.string() }),
      checksOwnBody: true,
      async handle({ principal, body }) {
        const done = await history.cases.dispose(
          principal,
          String((body as { caseNo?: unknown } | null)?.caseNo ?? ''),
        );
        if (!done.ok) return done;
        const { sequence, warnings, certificate, certificateSha256 } = done.value;
        return ok({ sequence, warnings, certificate, certificateSha256 });
      },
    }),
  ];
}
