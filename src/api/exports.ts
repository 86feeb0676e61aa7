import { z } from 'zod';
import { whileAllowed } from './guarded_stream.js';
import { refusalProblem } from './problem.js';
import { type AnyRoute, route } from './route.js';
import type { Services } from './services.js';

/** Reads as a file, for a case [IV.F.2]. */
export function exportRoutes(services: Services): AnyRoute[] {
  const { history, governance } = services;
  return [
    route({
      method: 'POST',
      path: '/api/exports',
      summary:
        'The reads of a search as CSV, JSON Lines or Parquet; count and digest are recorded before the first byte.',
      rule: { kind: 'access', name: 'reads.export' },
      mediaType: 'application/octet-stream',
      body: z.looseObject({
        reason: z.looseObject({ basis: z.string(), facts: z.string() }),
        criteria: z.looseObject({ kind: z.literal('reads') }).optional(),
        cosigned: z.int().optional(),
        format: z.enum(['csv', 'jsonl', 'parquet']),
        rows: z.int().optional(),
      }),
      checksOwnBody: true,
      async handle({ principal, body, token }) {
        const answer = await history.reads.exportFile(principal, body);
        if (!answer.ok) return refusalProblem(answer.error);
        const { name, mediaType, bytes, sha256, rows, complete, sequence, stream } = answer.value;
        const receiving = { token, rule: governance.policy.accesses['reads.export'] };
        return new Response(whileAllowed(services, receiving, stream()), {
          headers: {
            'content-type': mediaType,
            'content-length': String(bytes),
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
            'x-platestream-sequence': String(sequence),
            'x-platestream-sha256': sha256,
            'x-platestream-rows': String(rows),
            'x-platestream-complete': String(complete),
          },
        });
      },
    }),
  ];
}
