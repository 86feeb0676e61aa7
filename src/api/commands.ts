import { z } from 'zod';
import { ok } from '../data/result.js';
import { commands } from '../policy/commands.js';
import { type AnyRoute, route } from './route.js';
import type { Services } from './services.js';

const answer = z.object({
  sequence: z.int(),
  id: z.string().nullable(),
  warnings: z.array(z.object({ code: z.string(), clause: z.string() })),
  enrolment: z.object({ userId: z.string(), token: z.string(), untilMs: z.int() }).optional(),
});

/** After these, the person named sets a new password and second factor with a token that is shown once. */
const enrols = ['user.create', 'user.recover'];

/** Every way to change the governance state, one route each, straight from the table of commands. */
export function commandRoutes({ governance, accounts }: Services): AnyRoute[] {
  return [...commands.values()].map(({ action, title, makes, input }) =>
    route({
      method: 'POST',
      path: `/api/actions/${action}`,
      summary: `${title} [${governance.policy.commands[action]?.clause}].`,
      rule: { kind: 'command', name: action },
      body: input,
      checksOwnBody: true,
      answer,
      async handle({ body, principal }) {
        const done = await governance.execute({ action, input: body }, principal);
        if (!done.ok) return done;
        const { sequence, warnings } = done.value;
        const id = makes === undefined ? null : `${makes}-${sequence}`;
        const enrolment = enrols.includes(action)
          ? { enrolment: accounts.enrolments.issue((body as { userId: string }).userId) }
          : {};
        return ok({ sequence, id, warnings, ...enrolment });
      },
    }),
  );
}
