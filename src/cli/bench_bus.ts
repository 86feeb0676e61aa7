import { defineCommand } from 'citty';
import { openRedisControl } from '../bus/redis_control.js';
import { openRedisEngine } from '../bus/redis_engine.js';
import { type CameraId, cameraId, readId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import { silentLog } from '../observe/log.js';
import { spreadOf } from '../sizing/spread.js';
import { startRedisServer } from './redis_server.js';
import { usageError } from './usage.js';

const inFlightMax = 256;
const access = (url: string) => ({ url, passwordEnv: 'PLATESTREAM_BENCH_REDIS_PASSWORD' });

/** `platestream bench bus`: reads a second from an engine's end of the bus to control's and back, over a redis-server of its own. */
export const benchBusCommand = defineCommand({
  meta: {
    name: 'bus',
    description: 'Reads a second over Redis Streams, each acknowledged by control; both ends in this process.',
  },
  args: {
    quick: { type: 'boolean', description: 'three seconds a figure instead of ten' },
    json: { type: 'boolean', description: 'one JSON object' },
  },
  async run({ args }) {
    const server = await startRedisServer().catch((error: Error) => usageError(error.message));
    try {
      const seconds = args.quick ? 3 : 10;
      const figures = {
        withoutPictures: await measure(server.url, seconds, 0),
        withPictures: await measure(server.url, seconds, 20_000),
      };
      if (args.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
      else for (const [name, figure] of Object.entries(figures)) process.stdout.write(`${line(name, figure)}\n`);
    } finally {
      await server.close();
    }
  },
});

type Figures = Awaited<ReturnType<typeof measure>>;

function line(name: string, { readsPerSecond, acknowledgedMs }: Figures): string {
  const what = name === 'withPictures' ? 'reads with 20 kB of pictures' : 'reads without pictures';
  return `${what.padEnd(30)} ${readsPerSecond.toFixed(0).padStart(6)} /s   acknowledged p50 ${acknowledgedMs.p50.toFixed(1)} ms, p99 ${acknowledgedMs.p99.toFixed(1)} ms`;
}

async function measure(url: string, seconds: number, pictureBytes: number) {
  const sentAtMs = new Map<number, number>();
  const times: number[] = [];
  let freed: () => void = () => {};
  const control = openRedisControl({
    access: access(url),
    onReport: async () => 'kept',
    onStatus: () => {},
    knows: () => true,
    log: silentLog,
  });
  const link = openRedisEngine(access(url), `bench-${Date.now().toString(36)}`, {
    onAnswer(numbers) {
      for (const number of numbers) {
        times.push(performance.now() - (sentAtMs.get(number) ?? 0));
        sentAtMs.delete(number);
      }
      freed();
    },
    onService() {},
    onReachable() {},
  });
  while (!link.reachable()) await new Promise((resolve) => setTimeout(resolve, 10));
  const startedAtMs = performance.now();
  for (let number = 1; performance.now() - startedAtMs < seconds * 1000; number++) {
    while (sentAtMs.size >= inFlightMax) await new Promise<void>((resolve) => (freed = resolve));
    sentAtMs.set(number, performance.now());
    void link.report(number, reportOf(number, pictureBytes)).catch(() => {});
  }
  const readsPerSecond = times.length / ((performance.now() - startedAtMs) / 1000);
  await link.close();
  await control.close();
  return { readsPerSecond, acknowledgedMs: spreadOf(times) };
}

function reportOf(number: number, pictureBytes: number): ReadReport {
  const camera = cameraId(`bench-${number % 20}`) as CameraId;
  const nowMs = Date.now();
  const picture = new Uint8Array(pictureBytes / 2);
  return {
    stage: 'final',
    revision: 1,
    read: {
      id: readId(`bench-${nowMs}-${camera}-${number}`),
      cameraId: camera,
      plate: 'BENCH1',
      confidence: 0.98,
      alternatives: [{ text: 'BENCH1', confidence: 0.98 }],
      state: 'MA',
      stateConfidence: 0.9,
      capturedAtMs: nowMs,
      captureClock: 'receive',
      firstSeenAtMs: nowMs - 500,
      lastSeenAtMs: nowMs,
      frameCount: 5,
      direction: 'approaching',
      box: { x: 0, y: 0, width: 90, height: 30 },
      evidence: { vehicle: picture, vehicleSha256: '', plate: picture, plateSha256: '' },
      model: 'detector-1+reader-1',
    },
  };
}
