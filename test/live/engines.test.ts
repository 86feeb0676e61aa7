import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { EngineStatus } from '../../src/bus/message.js';
import { openSpool } from '../../src/bus/spool.js';
import type { CameraId } from '../../src/data/ids.js';
import type { ReadReport } from '../../src/data/read.js';
import { LocalEngines } from '../../src/engine/local_engines.js';
import { localEngineSettings } from '../../src/engine/settings.js';
import { cameraSettings } from '../../src/ingest/settings.js';
import { silentLog } from '../../src/observe/log.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { childrenOf } from '../../src/sizing/process_use.js';
import { scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('engines of one machine');
const scratch = scratchFolder();
after(() => scratch.remove());

/** Engines of this process, and what they have told. */
function start(cameras: readonly { id: string; url: string }[], processes: number, spoolFolder: string) {
  const frames = new Map<string, Map<string, number>>();
  const reports: ReadReport[] = [];
  const engines = new LocalEngines({
    cameras: cameras.map((camera) => cameraSettings.parse({ ...camera, analysedFps: 5 })),
    engine: localEngineSettings.parse({ inference: 'onnx', processes }),
    spoolFolder,
    outOfService: [],
    onReport: async (report) => {
      reports.push(report);
      return 'kept';
    },
    onStatus(engine, status: EngineStatus) {
      frames.set(engine, new Map(status.cameras.map(({ cameraId, counts }) => [cameraId, counts.captured])));
    },
    onEnded() {},
    logLevel: 'error',
    log: silentLog,
  });
  return { engines, frames, reports };
}

test('two engines share three cameras; one is killed, the cameras of the other go on, and it comes back', async () => {
  const server = await startRtspServer({ clips: [clipPath('demo-day')], cameras: 3 });
  const cameras = server.urls.map((url, i) => ({ id: `cam-${i}`, url }));
  const { engines, frames } = start(cameras, 2, join(scratch.path, 'shared'));
  const camerasOf = (engine: RegExp) => [...frames].filter(([name]) => engine.test(name)).map(([, one]) => one);
  const captured = (id: string) => Math.max(0, ...[...frames.values()].map((one) => one.get(id) ?? 0));
  const others = new Set(childrenOf(process.pid));
  try {
    await until('frames of all', () => cameras.every(({ id }) => captured(id) > 3));
    assert.deepEqual(
      camerasOf(/^e1-/).flatMap((one) => [...one.keys()]),
      ['cam-0', 'cam-2'],
    );
    assert.deepEqual(
      camerasOf(/^e2-/).flatMap((one) => [...one.keys()]),
      ['cam-1'],
    );
    assert.equal(engines.state().kind, 'running');
    const pid = engines.of('cam-1' as CameraId)?.pid();
    assert.ok(pid !== undefined && others.has(pid), 'the second engine is a process of its own');
    process.kill(pid, 'SIGKILL');
    await until('it is missed', () => engines.state().kind !== 'running');
    const before = captured('cam-0');
    await until('frames of the other engine', () => captured('cam-0') > before);
    await until('it is back', () => engines.state().kind === 'running');
    assert.equal(engines.restarts(), 1);
    frames.clear();
    await until('frames of all again', () => cameras.every(({ id }) => captured(id) > 3));
  } finally {
    await engines.stop('test over');
    await server.close();
  }
  assert.equal(engines.state().kind, 'stopped');
});

test('what a second engine left on disk is told by a second engine, though one would do now', async () => {
  const folder = join(scratch.path, 'left');
  const spool = openSpool<ReadReport>(join(folder, 'engine-2'), 1 << 20);
  const report: ReadReport = { stage: 'final', revision: 1, read: someRead(1, 'LEFT1', Date.now()) };
  spool.push(report, spool.nextPlace());
  const { engines, reports } = start([], 1, folder);
  try {
    await until('the read', () => reports.length === 1);
    assert.deepEqual(reports[0], { ...report, retold: 'whole' });
  } finally {
    await engines.stop('test over');
  }
  assert.equal(openSpool(join(folder, 'engine-2'), 1 << 20).count, 0, 'taken, and so gone from the disk');
});

test('a camera taken out of service while the engine still loads its models gives not one frame [IV.B.1.a(9)]', async () => {
  const server = await startRtspServer({ clips: [clipPath('demo-day')], cameras: 2 });
  const cameras = server.urls.map((url, i) => ({ id: `cam-${i}`, url }));
  const { engines, frames } = start(cameras, 1, join(scratch.path, 'early'));
  engines.of('cam-1' as CameraId)?.setService('cam-1' as CameraId, false);
  const captured = (id: string) => Math.max(0, ...[...frames.values()].map((one) => one.get(id) ?? 0));
  try {
    await until('frames of the other camera', () => captured('cam-0') > 3);
    assert.equal(captured('cam-1'), 0);
  } finally {
    await engines.stop('test over');
    await server.close();
  }
});
