import { openIpcEngine } from '../../src/bus/ipc_engine.js';
import type { EngineHears } from '../../src/bus/link.js';
import { createOutbox } from '../../src/bus/outbox.js';
import { openRedisEngine } from '../../src/bus/redis_engine.js';
import { openSpool } from '../../src/bus/spool.js';
import type { ReadReport } from '../../src/data/read.js';
import { limits } from '../../src/limits.js';
import { someRead } from './store_fixtures.js';

/**
 * The bus side of an engine without cameras: the real outbox, spool and link, fed with numbered reports of some cameras. Says on stdout
 * what is safe (`safe CAMERA NUMBER`: on disk or taken by the bus) and when nothing is left to tell (`told`).
 */
export interface BusChildOptions {
  readonly redisUrl: string | null;
  readonly run: string;
  readonly spoolFolder: string;
  readonly cameras: readonly string[];
  /** Reports of each camera: numbers `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly everyMs: number;
}

const options = JSON.parse(process.argv[2] ?? '') as BusChildOptions;
const say = (line: string) => process.stdout.write(`${line}\n`);
const nameOf = ({ read }: ReadReport) => `${read.cameraId} ${read.plate.slice(1)}`;

const disk = openSpool<ReadReport>(options.spoolFolder, limits.engine.spoolBytesMax);
const historySpool = openSpool<ReadReport>(`${options.spoolFolder}/history`, limits.engine.spoolBytesMax);
const spool = {
  ...disk,
  get count() {
    return disk.count;
  },
  push(report: ReadReport, place: number) {
    const kept = disk.push(report, place);
    if (kept) say(`safe ${nameOf(report)}`);
    return kept;
  },
};
const outbox = createOutbox({
  send: (number, report) => {
    link.report(number, report).then(
      () => options.redisUrl !== null && say(`safe ${nameOf(report)}`),
      () => {},
    );
  },
  spool,
  historySpool,
  heldMax: 64,
  againMs: 20,
});
const hears: EngineHears = {
  onAnswer: (numbers, answer) => {
    for (const number of numbers) outbox.answer(number, answer);
  },
  onService: () => {},
  onReachable: (reachable) => outbox.setReachable(reachable),
};
const link = options.redisUrl
  ? openRedisEngine({ url: options.redisUrl, passwordEnv: 'BUS_TEST_PASSWORD' }, options.run, hears)
  : openIpcEngine(hears);

function report(camera: string, number: number): ReadReport {
  return {
    stage: 'final',
    revision: 1,
    read: someRead(number, `P${number}`, 1_700_000_000_000 + number, { camera, run: options.run, imageBytes: 2000 }),
  };
}

let next = options.from;
let told = false;
const timer = setInterval(() => {
  if (next < options.to) {
    for (const camera of options.cameras) outbox.put(report(camera, next));
    next += 1;
  } else if (outbox.unsent === 0 && outbox.spooled === 0 && !told) {
    told = true;
    say('told');
  }
}, options.everyMs);

async function end(): Promise<void> {
  clearInterval(timer);
  outbox.close();
  await link.close();
  if (process.connected) process.disconnect();
}
outbox.refill();
process.on('SIGTERM', () => void end());
if (options.redisUrl === null) process.on('disconnect', () => void end());
