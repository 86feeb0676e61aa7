import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisServer } from '../../src/cli/redis_server.js';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { missing } from '../support/missing.js';
import { testRedis } from '../support/redis.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('distributed', missing('redis-server'));
const started: ChildProcess[] = [];
let redis: RedisServer | null = null;
after(async () => {
  for (const child of started) child.kill('SIGKILL');
  await redis?.close();
});

function start(folder: string, name: string, args: readonly string[], config: object) {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify(config));
  const env = { ...process.env, UV_THREADPOOL_SIZE: '32' };
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), ...args, '--config', file], { env });
  started.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    child,
    said: (pattern: RegExp) => until(`${name}: ${pattern}`, () => pattern.exec(output)?.[0]),
    async end(signal: NodeJS.Signals) {
      const gone = new Promise((resolve) => child.once('close', resolve));
      child.kill(signal);
      await gone;
      return output;
    },
  };
}

/** Numbers of the vehicle passes of each run and camera, as they came: `<run>-<camera>-<number>`. */
function passesOf(ids: readonly string[]): Map<string, number[]> {
  const lanes = new Map<string, number[]>();
  for (const id of ids) {
    const [, lane = '', number] = /^(.*)-(\d+)$/.exec(id) ?? [];
    assert.ok(Number.isInteger(Number(number)), id);
    lanes.set(lane, [...(lanes.get(lane) ?? []), Number(number)]);
  }
  return lanes;
}

test('two engines in other processes: one is killed, Redis hangs, control is started again; no alert doubles or overtakes, every frame is accounted for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-distributed-'));
  const server = await testRedis();
  redis = server;
  const clips = [packagePath('assets', 'clips', 'plate-20.mp4')];
  const cameras = await startRtspServer({ clips, cameras: 2 });
  const access = { url: server.url };
  writeFileSync(join(folder, 'list.csv'), 'plate,state,category\n9HTC61,MA,stolen_vehicle\n67K482,MA,stolen_vehicle\n');
  const config = {
    dataDir: join(folder, 'data'),
    log: 'error',
    server: { port: 0 },
    alerts: { coolDownSeconds: 0 },
    hotList: { file: join(folder, 'list.csv') },
    bus: { redis: access, cameras: [{ id: 'east-1' }, { id: 'west-1' }] },
  };
  await prepareDemoDepartment(config, ['east-1', 'west-1']);
  const control = () => start(folder, 'control', ['serve', '--json'], config);
  const engine = (name: string, i: number) =>
    start(folder, name, ['engine'], {
      name,
      log: 'error',
      spoolFolder: join(folder, name),
      redis: access,
      engine: { inference: 'onnx' },
      cameras: [{ id: `${name}-1`, url: cameras.urls[i] }],
    });
  try {
    let running = control();
    let address = (await running.said(/http:\S+/)).trim();
    const scrape = async () => new Scrape(await (await fetch(`${address}/metrics`)).text());
    const reads = async () => (await scrape()).sum('platestream_store_appended_reads_total');
    const captured = async (camera: string) => (await scrape()).sum('platestream_frames_captured_total', { camera });
    const [west, east] = [engine('west', 0), engine('east', 1)];
    await until(
      'both engines report',
      async () => (await captured('west-1')) > 5 && (await captured('east-1')) > 5,
      60_000,
    );
    await until('a read', async () => (await reads()) > 0);

    await west.end('SIGKILL');
    server.signal('SIGSTOP');
    await until('control notices', async () => (await scrape()).sum('platestream_bus_reachable') === 0);
    await running.end('SIGTERM');
    const again = engine('west', 0);
    server.signal('SIGCONT');
    running = control();
    address = (await running.said(/http:\S+/)).trim();
    await until(
      'both engines report again',
      async () => (await captured('west-1')) > 20 && (await captured('east-1')) > 20,
      60_000,
    );
    await until('new reads', async () => (await reads()) > 1);
    const ready = await (await fetch(`${address}/readyz`)).json();
    assert.deepEqual(ready, { ready: true, reasons: [] });

    const found = await scrape();
    for (const camera of ['west-1', 'east-1']) {
      const ended =
        found.sum('platestream_frames_total', { camera }) + found.sum('platestream_frames_in_flight', { camera });
      assert.equal(found.sum('platestream_frames_captured_total', { camera }), ended, `frames of ${camera}`);
    }
    await Promise.all([east.end('SIGTERM'), again.end('SIGTERM')]);
    await until('the bus is empty', async () => (await scrape()).sum('platestream_bus_backlog_reports') === 0);
    await running.end('SIGTERM');
    const journal = readFileSync(join(folder, 'data', 'alerts', 'alerts.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const alertOf = journal.map((line) => /"id":"((?:west|east)-[^"]+)"/.exec(line)?.[1]).filter(Boolean);
    assert.ok(alertOf.length > 0, 'alerts came over the bus');
    assert.equal(new Set(alertOf).size, alertOf.length, 'no vehicle pass alerted twice');
    for (const [lane, numbers] of passesOf(alertOf as string[]))
      assert.deepEqual(
        numbers,
        numbers.toSorted((x, y) => x - y),
        `order of ${lane}`,
      );
  } finally {
    for (const child of started) child.kill('SIGKILL');
    await cameras.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
