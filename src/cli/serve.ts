import { defineCommand } from 'citty';
import { loadConfig } from '../config.js';
import { startControl } from '../main.js';
import { untilStopped } from './stop_signal.js';
import { usageError } from './usage.js';

/** `platestream serve --config FILE`: runs until it is stopped; SIGINT, SIGTERM and SIGHUP drain. */
export const serveCommand = defineCommand({
  meta: { name: 'serve', description: 'Runs the system from a configuration file.' },
  args: {
    config: {
      type: 'string',
      description: 'configuration file (see platestream.example.yaml)',
      default: 'platestream.yaml',
    },
    json: { type: 'boolean', description: 'print the summary as JSON' },
  },
  async run({ args }) {
    const stopped = untilStopped();
    const config = loadConfig(args.config);
    if (!config.ok) return usageError(config.error);
    const control = await startControl(config.value);
    if (!control.ok) return usageError(control.error);
    process.stderr.write(`platestream: listening on ${control.value.address}\n`);
    const { firstToken, address } = control.value;
    if (firstToken !== null) process.stderr.write(`${firstSteps(address, firstToken)}\n`);
    const signal = await stopped;
    process.stderr.write('platestream: stopping; reads in work are finished first\n');
    const summary = await control.value.stop(signal);
    process.stdout.write(`${JSON.stringify(summary, null, args.json ? 0 : 2)}\n`);
  },
});

/** For the person at the machine; the token is good once, until the next start. */
function firstSteps(address: string, token: string): string {
  return [
    'platestream: nobody can sign in yet. The first administrator is made once, with this token:',
    `  ${token}`,
    `Open ${address}/ and follow "first administrator", or without a browser:`,
    `  curl ${address}/api/first -H 'x-platestream: 1' -H 'content-type: application/json' \\`,
    `    -d '{"token": "${token}", "userId": "LOGIN", "name": "NAME", "password": "AT LEAST 15 CHARACTERS"}'`,
    'It answers with the secret for an authenticator app. What comes next is in docs/policy.md.',
  ].join('\n');
}
