import { z } from 'zod';
import { piecesOf, whileAllowed } from './guarded_stream.js';
import { refusalProblem } from './problem.js';
import { type AnyRoute, route } from './route.js';
import type { Services } from './services.js';

/** What leaves: preserved reads, to a prosecutor, a court or an agency under agreement, as one package with its proof [IV.D]. */
export function disclosureRoutes(services: Services): AnyRoute[] {
  const { history, governance } = services;
  return [
    route({
      method: 'POST',
      path: '/api/disclosures',
      summary: 'A disclosure package (zip), verifiable offline with `platestream evidence verify`.',
      rule: { kind: 'command', name: 'disclosure.release' },
      mediaType: 'application/zip',
      body: z.looseObject({
        caseNo: z.string(),
        kind: z.enum(['da_discovery', 'court_order', 'subpoena', 'agency']),
        recipient: z.string(),
        purpose: z.string(),
      }),
      checksOwnBody: true,
      async handle({ principal, body, token }) {
        const released = await history.disclosures.release(principal, body);
        if (!released.ok) return refusalProblem(released.error);
        const { name, zip, packageSha256, sequence } = released.value;
        const receiving = { token, rule: governance.policy.commands['disclosure.release'] };
        return new Response(whileAllowed(services, receiving, piecesOf(zip)), {
          headers: {
            'content-type': 'application/zip',
            'content-length': String(zip.length),
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
            'x-platestream-sequence': String(sequence),
            'x-platestream-package-sha256': packageSha256,
          },
        });
      },
    }),
  ];
}
