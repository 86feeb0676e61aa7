import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { defineCommand } from 'citty';
import { parseConfig } from '../config.js';
import { type Governed, openGoverned } from '../governed/governed.js';
import { systemClock } from '../observe/clock.js';
import { silentLog } from '../observe/log.js';
import { rolesOf } from '../policy/gates.js';
import type { Refusal } from '../policy/refusal.js';

interface Opened extends Governed {
  readonly ask: (question: string) => Promise<string>;
}

function say(sentence: string, exitCode: number): void {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${sentence}\n`);
  process.exitCode = exitCode;
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
  const answers = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
  const ask = async (question: string) => {
    process.stderr.write(`${question}: `);
    const answer = await answers.next();
    return answer.done ? '' : answer.value;
  };
  try {
    await work({ ...governed.value, ask });
  } finally {
    await governed.value.close();
    process.stdin.destroy();
  }
}

/** Logs the administrator in and gives one command; the same gates as anywhere. @returns whether it was done. */
async function give(
  { governance, accounts, ask }: Opened,
  as: string,
  action: string,
  input: unknown,
): Promise<boolean> {
  const password = await ask(`password of ${as}`);
  const code = await ask('six-digit code');
  const login = await accounts.login({ userId: as, password, factor: { kind: 'totp', code }, address: null });
  if (!login.ok) {
    refused(login.error);
    return false;
  }
  const principal = accounts.principalOf(login.value.token);
  const done = principal.ok ? await governance.execute({ action, input }, principal.value) : principal;
  await accounts.logout(login.value.token);
  if (!done.ok) refused(done.error);
  return done.ok;
}

const dataArg = { type: 'string', default: './platestream-data', description: 'data directory' } as const;
const loginArg = { type: 'positional', required: true, description: 'login of the user' } as const;
const asArg = { type: 'string', required: true, description: 'login of the administrator who does this' } as const;

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
      if (token === null) return say('there are users already; an administrator makes the next one (user create)', 1);
      const password = await ask('new password');
      const made = await accounts.enrolments.bootstrap(token, { userId: args.login, name: args.name, password });
      if (!made.ok) return refused(made.error);
      say(`${args.login} is the administrator; put this into an authenticator app:\n${made.value.totpUri}`, 0);
    }),
});

const createCommand = defineCommand({
  meta: {
    name: 'create',
    description: 'Make a user; prints the one-time token with which they set password and second factor.',
  },
  args: {
    login: loginArg,
    name: { type: 'positional', required: true, description: 'name of the person' },
    as: asArg,
    data: dataArg,
  },
  run: ({ args }) =>
    within(args.data, async (opened) => {
      const input = { userId: args.login, name: args.name };
      if (!(await give(opened, args.as, 'user.create', input))) return;
      say(
        `one-time token of ${args.login}, good for 72 hours: ${opened.accounts.enrolments.issue(args.login).token}`,
        0,
      );
    }),
});

const freezeCommand = defineCommand({
  meta: { name: 'freeze', description: 'Stop a user at once.' },
  args: {
    login: loginArg,
    as: asArg,
    why: { type: 'string', required: true, description: 'reason, recorded' },
    data: dataArg,
  },
  run: ({ args }) =>
    within(args.data, async (opened) => {
      const done = await give(opened, args.as, 'user.freeze', { userId: args.login, why: args.why });
      if (done) say(`${args.login} is frozen`, 0);
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
  meta: { name: 'user', description: 'Users of a data directory that no running server holds.' },
  subCommands: { first: firstCommand, create: createCommand, freeze: freezeCommand, list: listCommand },
});
