import { defineCommand } from 'citty';
import { loadConfig } from '../config.js';
import { startControl } from '../main.js';
import { untilStopped } from './stop_signal.js';
import { usageError } from './usage.js';

/** `platestream serve --config FILE`: runs until it is stopped; SIGINT and SIGTERM drain. */
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
    const config = loadConfig(args.config);
    if (!config.ok) return usageError(config.error);
    const control = await startControl(config.value);
    if (!control.ok) return usageError(control.error);
    process.stderr.write(`platestream: listening on ${control.value.address}\n`);
    const signal = await untilStopped(null);
    process.stderr.write('platestream: stopping; reads in work are finished first\n');
    const summary = await control.value.stop(signal);
    process.stdout.write(`${JSON.stringify(summary, null, args.json ? 0 : 2)}\n`);
  },
});
