import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { parseConfig } from '../config.js';
import { type Governed, openGoverned } from '../governed/governed.js';
import { systemClock } from '../observe/clock.js';
import { silentLog } from '../observe/log.js';
import { rolesOf } from '../policy/gates.js';
import type { Refusal } from '../policy/refusal.js';
import { actionCommands } from './actions.js';
import { Questions, say } from './say.js';

interface Opened extends Governed {
  readonly ask: (question: string) => Promise<string>;
}

function refused({ code, clause, sentence, sequence }: Refusal): void {
  say(`${code} (${clause}, ledger ${sequence ?? '-'}): ${sentence}`, 1);
}

/** Opens a data directory that no running server holds, does one thing, and lets go of it again. */
async function within(folder: string, work: (opened: Opened) => Promise<void>): Promise<void> {
  const config = parseConfig(JSON.stringify({ dataDir: folder }), '--data');
  if (!config.ok) return say(config.error, 2);
  const governed = await openGoverned(config.value, systemClock, silentLog);
  if (!governed.ok) return say(governed.error, 2);
  const questions = new Questions();
  try {
    await work({ ...governed.value, ask: (question) => questions.ask(question) });
  } finally {
    await governed.value.close();
    questions.close();
  }
}

const dataArg = { type: 'string', default: './platestream-data', description: 'data directory' } as const;
const loginArg = { type: 'positional', required: true, description: 'login of the user' } as const;

const firstCommand = defineCommand({
  meta: {
    name: 'first',
    description: 'Make the first administrator of an empty system, on the console of the machine.',
  },
  args: {
    login: loginArg,
    name: { type: 'positional', required: true, description: 'name of the person' },
    data: dataArg,
  },
  run: ({ args }) =>
    within(args.data, async ({ accounts, ask }) => {
      const token = accounts.enrolments.firstToken();
      if (token === null)
        return say('there are users already; an administrator makes the next one (platestream user create)', 1);
      const password = await ask('new password');
      const made = await accounts.enrolments.bootstrap(token, { userId: args.login, name: args.name, password });
      if (!made.ok) return refused(made.error);
      say(`${args.login} is the administrator; put this into an authenticator app:\n${made.value.totpUri}`, 0);
    }),
});

const listCommand = defineCommand({
  meta: { name: 'list', description: 'Users, their roles at this moment, and whether they are frozen.' },
  args: { data: dataArg, json: { type: 'boolean', description: 'print JSON' } },
  run({ args }) {
    if (!existsSync(join(args.data, 'ledger'))) return say(`${args.data}: no ledger there; give the data directory`, 2);
    return within(args.data, async ({ governance }) => {
      const state = governance.state();
      const users = [...state.users.values()].map(({ userId, name, frozen }) => {
        return { userId, name, roles: rolesOf(state, userId, governance.nowMs()), frozen };
      });
      const lines = users.map(
        (u) => `${u.userId}  ${u.name}  ${u.roles.join(', ') || 'no role'}${u.frozen ? '  FROZEN' : ''}`,
      );
      say(args.json ? JSON.stringify(users) : lines.join('\n') || 'no users', 0);
    });
  },
});

export const userCommand = defineCommand({
  meta: { name: 'user', description: 'Users: of a stopped program (first, list), or of a running one (the rest).' },
  subCommands: { first: firstCommand, list: listCommand, ...actionCommands('user') },
});
