import { readFileSync } from 'node:fs';
import { defineCommand, runMain } from 'citty';
import { packagePath } from '../package_root.js';

const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };

/** Each command is loaded only when it is asked for: `--help` and `ledger verify` start no decoder. */
const main = defineCommand({
  meta: { name: 'platestream', version, description: 'RTSP cameras in, verified licence-plate alerts out.' },
  subCommands: {
    demo: () => import('./demo.js').then((m) => m.demoCommand),
    serve: () => import('./serve.js').then((m) => m.serveCommand),
    'camera-sim': () => import('./camera_sim.js').then((m) => m.cameraSimCommand),
  },
});

await runMain(main);
