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
    ledger: () => import('./ledger.js').then((m) => m.ledgerCommand),
    policy: () => import('./policy.js').then((m) => m.policyCommand),
    user: () => import('./user.js').then((m) => m.userCommand),
    scenes: () => import('./scenes.js').then((m) => m.scenesCommand),
    bench: () => import('./bench.js').then((m) => m.benchCommand),
  },
});

await runMain(main);
