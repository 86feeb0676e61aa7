import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { parseConfig } from '../config.js';
import type { Alert } from '../data/alert.js';
import { demoPassword, makeDemoDepartment } from '../governed/demo_department.js';
import { type Control, startControl } from '../main.js';
import { packagePath } from '../package_root.js';
import { startRtspServer } from '../simulator/rtsp/server.js';
import { timeIsUp, untilStopped } from './stop_signal.js';
import { usageError, wholeNumber } from './usage.js';

const clips = ['demo-day', 'demo-night', 'demo-rain'].map((name) => packagePath('assets', 'clips', `${name}.mp4`));

/** `platestream demo`: simulated RTSP cameras with rendered scenes, through the whole program, alerts on the screen. */
export const demoCommand = defineCommand({
  meta: { name: 'demo', description: 'Simulated cameras to alerts, on this machine, with nothing to install.' },
  args: {
    seconds: { type: 'string', description: 'stop so many seconds after the first frame (default: until Ctrl-C)' },
    cameras: { type: 'string', description: 'number of cameras', default: '3' },
    port: { type: 'string', description: 'port of the API', default: '8480' },
    'data-dir': { type: 'string', description: 'keep data here (default: a temporary folder)' },
    json: { type: 'boolean', description: 'alerts and summary as JSON lines' },
  },
  async run({ args }) {
    const stopped = untilStopped();
    const cameras = wholeNumber('--cameras', args.cameras, 1, 64);
    const seconds = args.seconds ? wholeNumber('--seconds', args.seconds, 1, 86_400) : null;
    const temporary = args['data-dir'] ? null : mkdtempSync(join(tmpdir(), 'platestream-demo-'));
    const simulator = await startRtspServer({ clips, cameras }).catch((error: Error) => usageError(error.message));
    const config = parseConfig(
      JSON.stringify({
        dataDir: args['data-dir'] ?? temporary,
        log: 'warn',
        server: { port: wholeNumber('--port', args.port, 0, 65535) },
        hotList: { file: packagePath('assets', 'demo', 'hot-list.csv'), stopAfterHours: 8760, staleAfterHours: 8760 },
        alerts: { canaryEverySeconds: 0 },
        cameras: simulator.urls.map((url, i) => ({ id: `demo-${i + 1}`, url, latitude: 42.37, longitude: -71.11 })),
      }),
      'demo',
    );
    if (!config.ok) return usageError(config.error);
    const ids = config.value.cameras.map(({ id }) => id);
    const control = await startControl(config.value, { demo: (governed) => makeDemoDepartment(governed, ids) });
    if (!control.ok) return usageError(control.error);
    const say = (line: string) => process.stderr.write(`${line}\n`);
    say(`DEMO: ${cameras} simulated cameras; console and API at ${control.value.address}`);
    say(
      `Sign in as operator, password "${demoPassword('operator')}"; its code is on the sign-in page (no phone needed).`,
    );
    say(
      `Others: supervisor, analyst, records, technician, auditor, chief, head; passwords "${demoPassword('<login>')}".`,
    );
    say('Every alert is a POTENTIAL hit until a person has verified it. Ctrl-C ends and prints a summary.');
    control.value.alerts.listen((alert) => {
      process.stdout.write(args.json ? `${JSON.stringify({ alert: brief(alert) })}\n` : `${line(alert)}\n`);
    });
    const signal = await Promise.race([stopped, timeIsUp(seconds, firstFrame(control.value))]);
    const summary = await control.value.stop(signal);
    await simulator.close();
    if (temporary)
      for (const folder of [temporary, `${temporary}-keys`]) rmSync(folder, { recursive: true, force: true });
    process.stdout.write(args.json ? `${JSON.stringify(summary)}\n` : `${JSON.stringify(summary, null, 2)}\n`);
  },
});

/** Libraries read from a cold disk on a busy machine take their time: none of it is the demonstration's. */
const startMsMax = 60_000;

/** Resolves when a camera has given a frame, or when none will: the engine has failed, or the start takes longer than its bound. */
async function firstFrame(control: Control): Promise<void> {
  const latestMs = performance.now() + startMsMax;
  while (control.captured() === 0 && control.engineState().kind !== 'failed' && performance.now() < latestMs)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

function brief({ id, match }: Alert) {
  const { read, entry, chance, stateAgreement, stale } = match;
  return {
    id,
    camera: read.cameraId,
    plate: read.plate,
    state: read.state,
    category: entry.category,
    chance,
    stateAgreement,
    stale,
    potential: true,
  };
}

function line({ createdAtMs, match }: Alert): string {
  const { read, entry, chance, stateAgreement } = match;
  const at = new Date(createdAtMs).toISOString().slice(11, 19);
  const latency = createdAtMs - read.capturedAtMs;
  return `${at}  POTENTIAL HIT  ${match.matchedText.padEnd(8)} ${(read.state ?? '??').padEnd(3)} ${entry.category.padEnd(16)} ${read.cameraId}  chance ${chanceOf(chance)}, state ${stateAgreement}, ${latency} ms after capture`;
}

/** Never certainty: what rounds to 100 is "over 99 %". */
function chanceOf(share: number): string {
  if (share > 0.99) return 'over 99 %';
  return share < 0.01 ? 'under 1 %' : `${(share * 100).toFixed(0)} %`;
}
