import { z } from 'zod';
import { ok } from '../data/result.js';
import { commands } from '../policy/commands.js';
import { type AnyRoute, route } from './route.js';
import type { Services } from './services.js';

/** What a command makes is named `<kind>-<ledger sequence>`; commands that change something name nothing new. */
const makes: Readonly<Record<string, string>> = {
  'designation.grant': 'designation',
  'training.record_session': 'session',
  'training.report': 'report',
  'exception.grant': 'exception',
  'entry.request': 'request',
  'entry.create': 'entry',
  'hit.open': 'hit',
  'search.cosign': 'cosign',
  'absence.open': 'absence',
  'deployment.request': 'deployment',
  'vendor.open_window': 'window',
  'retention.propose': 'retention',
  'disclosure.release': 'disclosure',
  'alert.forward': 'disclosure',
  'audit.open': 'audit',
  'audit.find': 'finding',
  'misuse.flag': 'misuse',
  'policy.recommend': 'recommendation',
  'legal.record': 'legal',
  'change.request': 'change',
  'ticket.open': 'ticket',
};

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
  return [...commands.values()].map(({ action, input }) =>
    route({
      method: 'POST',
      path: `/api/commands/${action}`,
      summary: clauseSentence(governance.policy.commands[action]?.clause, action),
      rule: { kind: 'command', name: action },
      body: input,
      checksOwnBody: true,
      answer,
      async handle({ body, principal }) {
        const done = await governance.execute({ action, input: body }, principal);
        if (!done.ok) return done;
        const { sequence, warnings } = done.value;
        const kind = makes[action];
        const id = kind === undefined ? null : `${kind}-${sequence}`;
        const enrolment = enrols.includes(action)
          ? { enrolment: accounts.enrolments.issue((body as { userId: string }).userId) }
          : {};
        return ok({ sequence, id, warnings, ...enrolment });
      },
    }),
  );
}

function clauseSentence(clause: string | undefined, action: string): string {
  return `The command ${action} [${clause}].`;
}
