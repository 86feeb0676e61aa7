import { z } from 'zod';
import type { ImageAnswer } from './audited_reads.js';
import { refusalProblem } from './problem.js';
import { type AnyRoute, route } from './route.js';
import type { Services } from './services.js';

/** Pictures of reads, one at a time, their digest checked, each look recorded [IV.B.1.a(3), IV.C.6.a]. */
export function imageRoutes({ history }: Services): AnyRoute[] {
  return [
    route({
      method: 'POST',
      path: '/api/reads/image',
      summary: 'One picture of one read that a search has shown, whole or a part of it.',
      rule: { kind: 'access', name: 'reads.image' },
      mediaType: 'image/jpeg',
      body: z.looseObject({
        reason: z.looseObject({ basis: z.string(), facts: z.string() }),
        readId: z.string(),
        capturedAtMs: z.int(),
        plate: z.string(),
        which: z.enum(['vehicle', 'plate']),
      }),
      checksOwnBody: true,
      async handle({ principal, body }) {
        const answer = await history.reads.image(principal, body);
        return answer.ok ? picture(answer.value) : refusalProblem(answer.error);
      },
    }),
  ];
}

export function picture({ jpeg, sha256, sequence }: ImageAnswer): Response {
  return new Response(Buffer.from(jpeg), {
    headers: {
      'content-type': 'image/jpeg',
      'cache-control': 'no-store',
      'x-platestream-sequence': String(sequence),
      'x-platestream-sha256': sha256,
    },
  });
}
