import { defineCommand } from 'citty';
import { type ApiSession, askApi, forgetSession, keepSession, keptSession } from './api_session.js';
import { Questions, say } from './say.js';

const loginArg = { type: 'positional', required: true, description: 'login of the user' } as const;
const serverArg = { type: 'string', default: 'http://127.0.0.1:8480', description: 'address of the program' } as const;

async function asking(work: (questions: Questions) => Promise<void>): Promise<void> {
  const questions = new Questions();
  try {
    await work(questions);
  } finally {
    questions.close();
  }
}

async function open(questions: Questions, server: string, userId: string, replace: boolean): Promise<void> {
  const nobody: ApiSession = { address: server, cookie: '' };
  const banner = await askApi(nobody, 'GET', '/api/banner');
  if (!banner.ok) return say(banner.error, 1);
  process.stderr.write(`${banner.value.body['text']}\nWhoever signs in acknowledges this.\n`);
  const password = await questions.ask(`password of ${userId}`);
  const factor = { kind: 'totp', code: await questions.ask('six-digit code') };
  const asked = { userId, password, factor, acknowledgedBanner: true, replace };
  const opened = await askApi(nobody, 'POST', '/api/session', asked);
  if (!opened.ok) return say(opened.error, 1);
  keepSession({ address: server, cookie: opened.value.cookie ?? '' });
  say(`${userId} is signed in to ${server}`, 0);
}

const openCommand = defineCommand({
  meta: { name: 'open', description: 'Sign in to a running program; the commands that follow are done as this user.' },
  args: {
    login: loginArg,
    server: serverArg,
    replace: { type: 'boolean', description: 'end the session this user has elsewhere' },
  },
  run: ({ args }) => asking((questions) => open(questions, args.server, args.login, args.replace ?? false)),
});

const enrolCommand = defineCommand({
  meta: { name: 'enrol', description: 'Set password and second factor with the one-time token one was given.' },
  args: {
    login: loginArg,
    server: serverArg,
    name: { type: 'string', description: 'name of the person; makes the first administrator of an empty system' },
  },
  run: ({ args }) =>
    asking(async (questions) => {
      const token = await questions.ask('one-time token');
      const password = await questions.ask('new password');
      const asked = { userId: args.login, token, password, ...(args.name && { name: args.name }) };
      const path = args.name ? '/api/first' : '/api/enrol';
      const made = await askApi({ address: args.server, cookie: '' }, 'POST', path, asked);
      if (!made.ok) return say(made.error, 1);
      say(`${args.login} is enrolled; put this into an authenticator app:\n${made.value.body['totpUri']}`, 0);
    }),
});

const stepUpCommand = defineCommand({
  meta: { name: 'step-up', description: 'Confirm the second factor once more, for what asks for it.' },
  run: () =>
    asking(async (questions) => {
      const session = keptSession();
      if (!session.ok) return say(session.error, 1);
      const factor = { kind: 'totp', code: await questions.ask('six-digit code') };
      const done = await askApi(session.value, 'POST', '/api/session/step-up', { factor });
      say(done.ok ? 'confirmed, for five minutes' : done.error, done.ok ? 0 : 1);
    }),
});

const closeCommand = defineCommand({
  meta: { name: 'close', description: 'Sign out.' },
  async run() {
    const session = keptSession();
    if (!session.ok) return say(session.error, 1);
    const done = await askApi(session.value, 'DELETE', '/api/session');
    forgetSession();
    say(done.ok ? 'signed out' : done.error, done.ok ? 0 : 1);
  },
});

export const sessionCommand = defineCommand({
  meta: { name: 'session', description: 'Sign in to a running program from the command line, and out again.' },
  subCommands: { enrol: enrolCommand, open: openCommand, 'step-up': stepUpCommand, close: closeCommand },
});
