import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { startProgram } from '../../src/sizing/program.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test } = suite('conservation');
const ids = ['cam-1', 'cam-2', 'cam-3'] as const;

/** What a scrape says of one camera; throws unless captured = in flight + read + empty + dropped + failed, to the frame. */
function balanced(scrape: Scrape, camera: string): { captured: number; lost: number } {
  const captured = scrape.sum('platestream_frames_captured_total', { camera });
  const inFlight = scrape.sum('platestream_frames_in_flight', { camera });
  const ended = scrape.sum('platestream_frames_total', { camera });
  assert.equal(captured, inFlight + ended, `frames of ${camera}`);
  return { captured, lost: scrape.sum('platestream_frames_total', { camera, reason: 'engine_lost' }) };
}

const isZombie = (pid: number) => {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};
const exists = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('every frame is accounted for at every scrape, while cameras flap, the engine is killed with -9 and the store hangs; nothing counted is forgotten', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-conservation-'));
  const front = await startClickhouseFront(join(folder, 'clickhouse'));
  const street = await startRtspServer({
    clips: [clipPath('plate-100'), clipPath('demo-day'), clipPath('empty-road')],
  });
  const config = {
    dataDir: join(folder, 'data'),
    log: 'silent',
    server: { port: 0 },
    store: { url: front.url, requestMsMax: 1_000 },
    cameras: ids.map((id, i) => ({ id, url: street.urls[i] as string, readTimeoutMs: 2_000 })),
  };
  await prepareDemoDepartment(config, [...ids]);
  const program = await startProgram(folder, config);
  let scrapes = 0;
  let isOver = false;
  let wrong: unknown = null;
  const known = new Map<string, number>();
  let last = new Scrape('');
  const scraping = (async () => {
    while (!isOver) {
      last = new Scrape(await (await fetch(`${program.address}/metrics`)).text());
      for (const id of ids) {
        const { captured } = balanced(last, id);
        assert.ok(captured >= (known.get(id) ?? 0), `${id}: ${captured} after ${known.get(id)}`);
        known.set(id, captured);
      }
      scrapes += 1;
    }
  })().catch((error: unknown) => {
    wrong = error;
  });
  const holds = <Value>(what: string, condition: () => Value, deadlineMs = 60_000) =>
    until(
      what,
      () => {
        if (wrong) throw wrong;
        return condition();
      },
      deadlineMs,
    );
  const captured = (id: string) => known.get(id) ?? 0;
  const goOn = async (what: string) => {
    const before = new Map(known);
    await holds(what, () => ids.every((id) => captured(id) > (before.get(id) ?? 0) + 5));
  };
  const pids = new Set<number>();
  try {
    await goOn('frames of all cameras');
    for (const kind of ['disconnect', 'reconnect_storm', 'stall'] as const) {
      street.setFault(0, { kind });
      const away = () => last.sum('platestream_camera_state', { camera: ids[0], state: 'waiting' }) === 1;
      await holds(`the first camera away: ${kind}`, away);
      street.setFault(0, { kind: 'none' });
      await goOn(`frames after ${kind}`);
    }
    front.setStalled(true);
    for (let kill = 1; kill <= 3; kill++) {
      const [pid] = await holds('an engine', () => (program.engines().length > 0 ? program.engines() : null));
      pids.add(pid as number);
      process.kill(pid as number, 'SIGKILL');
      await holds('another engine', () => program.engines().some((other) => other !== pid));
      await goOn(`frames after kill ${kill}`);
    }
    assert.ok(last.sum('platestream_engine_restarts_total') >= 3);
    front.setStalled(false);
    await goOn('frames after the store is back');
    for (const pid of program.engines()) pids.add(pid);
  } finally {
    isOver = true;
    await scraping;
    const said = await program.stop();
    await street.close();
    await front.close();
    rmSync(folder, { recursive: true, force: true });
    if (!wrong) assert.match(said, /"balanced":true/);
  }
  if (wrong) throw wrong;
  assert.ok(scrapes > 100, `${scrapes} scrapes`);
  for (const pid of [...pids, program.pid]) assert.ok(!exists(pid) && !isZombie(pid), `process ${pid} is left`);
});
