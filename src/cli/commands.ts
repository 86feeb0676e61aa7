import { defineCommand } from 'citty';
import { version } from '../package_root.js';

/** What the actions of a running program are about; those of `user` and `policy` stand with the other commands of that name. */
const nouns = [
  'absence',
  'agency',
  'audit',
  'camera',
  'category',
  'change',
  'clock',
  'custodian',
  'deployment',
  'designation',
  'disclosure',
  'entry',
  'exception',
  'hit',
  'hold',
  'legal',
  'misuse',
  'mou',
  'principal',
  'profile',
  'protocol',
  'retention',
  'search',
  'system',
  'ticket',
  'training',
  'vendor',
];

/** Each command is loaded only when it is asked for: `--help` and `ledger verify` start no decoder. */
export const main = defineCommand({
  meta: { name: 'platestream', version: version(), description: 'RTSP cameras in, verified licence-plate alerts out.' },
  subCommands: {
    read: () => import('./read.js').then((m) => m.readCommand),
    demo: () => import('./demo.js').then((m) => m.demoCommand),
    engine: () => import('./engine.js').then((m) => m.engineCommand),
    serve: () => import('./serve.js').then((m) => m.serveCommand),
    'camera-sim': () => import('./camera_sim.js').then((m) => m.cameraSimCommand),
    hotlist: () => import('./hotlist.js').then((m) => m.hotListCommand),
    ledger: () => import('./ledger.js').then((m) => m.ledgerCommand),
    evidence: () => import('./evidence.js').then((m) => m.evidenceCommand),
    policy: () => import('./policy.js').then((m) => m.policyCommand),
    user: () => import('./user.js').then((m) => m.userCommand),
    session: () => import('./session.js').then((m) => m.sessionCommand),
    show: () => import('./show.js').then((m) => m.showCommand),
    scenes: () => import('./scenes.js').then((m) => m.scenesCommand),
    metrics: () => import('./metrics.js').then((m) => m.metricsCommand),
    evaluate: () => import('./evaluate.js').then((m) => m.evaluateCommand),
    bench: () => import('./bench.js').then((m) => m.benchCommand),
    ...Object.fromEntries(nouns.map((noun) => [noun, () => import('./actions.js').then((m) => m.nounCommand(noun))])),
  },
});
