import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { openAlertClient } from '../../src/sizing/alert_client.js';
import { spreadOf } from '../../src/sizing/spread.js';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('a bulk store that hangs');
const folder = mkdtempSync(join(tmpdir(), 'platestream-stall-'));
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

async function startServe(config: string): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), 'serve', '--config', config, '--json']);
  closing.push(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  return { child, address: await until('the address', () => /listening on (http:\S+)/.exec(said)?.[1]) };
}

/** Cameras of the demonstration before a program to be started, and ClickHouse at an address of its own. */
async function street(name: string, count = 1) {
  const dataDir = join(folder, name, 'data');
  const front = await startClickhouseFront(join(folder, name, 'clickhouse'));
  const clips = [packagePath('assets', 'clips', 'demo-day.mp4')];
  const simulator = await startRtspServer({ clips, cameras: count });
  const cameras = simulator.urls.map((url, index) => ({ id: `street-${index}`, url }));
  closing.push(
    () => front.close(),
    () => simulator.close(),
  );
  const ids = cameras.map(({ id }) => id);
  const signIn = await prepareDemoDepartment({ dataDir }, ids);
  const config = join(folder, name, 'platestream.yaml');
  const hotList = {
    file: packagePath('assets', 'demo', 'hot-list.csv'),
    stopAfterHours: 8760,
    staleAfterHours: 8760,
  };
  writeFileSync(
    config,
    JSON.stringify({
      dataDir,
      log: 'error',
      server: { port: 0 },
      store: { url: front.url, requestMsMax: 1_000 },
      alerts: { canaryEverySeconds: 0, coolDownSeconds: 1 },
      hotList,
      cameras,
    }),
  );
  return { dataDir, front, config, signIn };
}

/** Sums of the metrics with this name, over all labels. */
async function metricsOf(address: string): Promise<(name: string) => number> {
  const lines = (await (await fetch(`${address}/metrics`)).text()).split('\n');
  return (name) =>
    lines
      .filter((line) => line.startsWith(`platestream_${name}{`) || line.startsWith(`platestream_${name} `))
      .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

async function assertBalanced(address: string): Promise<void> {
  const of = await metricsOf(address);
  assert.equal(of('frames_captured_total'), of('frames_in_flight') + of('frames_total'));
}

/** Reads of all alerts that are on disk, without those of the monitoring. */
function alertedReads(dataDir: string): string[] {
  const file = join(dataDir, 'alerts', 'alerts.jsonl');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return [...new Set(lines.flatMap((line) => /"read":\{"id":"([^"]+)"/.exec(line)?.[1] ?? []))];
}

test('frames balance and alerts go on; control killed with -9 loses no read that alerted or was acknowledged, and keeps none twice', async () => {
  const { dataDir, front, config } = await street('killed');
  const first = await startServe(config);
  await until('a stored read', async () => (await metricsOf(first.address))('store_stored_reads_total') > 0);

  front.setStalled(true);
  const alertsBefore = alertedReads(dataDir).length;
  const { captured, appended } = await metricsOf(first.address).then((of) => ({
    captured: of('frames_captured_total'),
    appended: of('store_appended_reads_total'),
  }));
  await until(
    'frames, reads and alerts all the same',
    async () => {
      await assertBalanced(first.address);
      const of = await metricsOf(first.address);
      const goesOn = of('frames_captured_total') > captured + 20 && of('store_appended_reads_total') > appended;
      return goesOn && alertedReads(dataDir).length > alertsBefore;
    },
    60_000,
  );
  const acknowledged = (await metricsOf(first.address))('store_appended_reads_total');
  first.child.kill('SIGKILL');
  await until('its end', () => first.child.signalCode !== null);

  front.setStalled(false);
  const second = await startServe(config);
  await until('a frame', async () => (await metricsOf(second.address))('frames_captured_total') > 0);
  const sql = "SELECT concat(pass_run, '-', toString(pass_number)) FROM platestream.reads FORMAT TSV";
  const stored = async () => {
    const answer = await fetch(front.url, { method: 'POST', body: sql });
    assert.ok(answer.ok, `${answer.status}`);
    return (await answer.text()).split('\n').filter(Boolean);
  };
  const alerted = alertedReads(dataDir);
  await until(
    'every read that alerted',
    async () => {
      const ids = new Set(await stored());
      return ids.size >= acknowledged && alerted.every((id) => ids.has(id));
    },
    60_000,
  );
  second.child.kill('SIGINT');
  await until('the end', () => second.child.exitCode !== null || second.child.signalCode !== null);
  assert.equal(second.child.exitCode, 0);
  const ids = await stored();
  assert.equal(new Set(ids).size, ids.length, 'no read is kept twice');
});

const alertsEach = 100;
const hourMs = 3_600_000;
const weathers = {
  well: () => {},
  stopped: (front) => front.setStalled(true),
  slow: (front) => front.setLasting('slow'),
  full: (front) => front.setLasting('full'),
} satisfies Record<string, (front: Awaited<ReturnType<typeof startClickhouseFront>>) => void>;

if (process.env['PLATESTREAM_LONG'] === '1')
  test(
    `${alertsEach} alerts each while the store is well, stopped, slow and full: how long each took is printed`,
    async () => {
      const { front, config, signIn } = await street('measured', 4);
      const { child, address } = await startServe(config);
      const client = await openAlertClient(address, await signIn(address));
      await until('a stored read', async () => (await metricsOf(address))('store_stored_reads_total') > 0);
      for (const [weather, begin] of Object.entries(weathers)) {
        begin(front);
        client.take();
        const took: number[] = [];
        await until(`alerts (${weather})`, () => took.push(...client.take().settledMs) >= alertsEach, hourMs);
        const { p50, p99, max } = spreadOf(took);
        process.stdout.write(
          `store ${weather}: frame to alert p50 ${p50} ms, p99 ${p99} ms, max ${max} ms over ${took.length} alerts\n`,
        );
        front.setStalled(false);
        front.setLasting(null);
      }
      client.close();
      child.kill('SIGINT');
      await until('the end', () => child.exitCode !== null || child.signalCode !== null);
    },
    { timeoutMs: 4 * hourMs },
  );
