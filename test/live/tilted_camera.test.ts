import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.js';
import { makeDemoDepartment } from '../../src/governed/demo_department.js';
import { startControl } from '../../src/main.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { must } from '../policy/world.js';
import { suite } from '../support/suite.js';
import { writeTiltedClip } from '../support/tilted_clip.js';
import { until } from '../support/until.js';

const { test, after } = suite('a camera that has turned');
const folder = mkdtempSync(join(tmpdir(), 'ps-tilted-'));
const closing: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

test('plates of a real stream lean by 15 degrees: out of service by itself, no alert from it; its neighbour goes on [IV.B.2.a(3)]', async () => {
  const upright = packagePath('assets', 'clips', 'demo-day.mp4');
  const tilted = join(folder, 'tilted.mp4');
  writeTiltedClip(upright, tilted, { width: 1280, height: 720, fps: 12 });
  const simulator = await startRtspServer({ clips: [upright, tilted], cameras: 2 });
  closing.push(() => simulator.close());
  const cameras = simulator.urls.map((url, at) => ({ id: ['upright', 'turned'][at], url }));
  const config = {
    dataDir: join(folder, 'data'),
    log: 'error',
    server: { port: 0 },
    hotList: { file: packagePath('assets', 'demo', 'hot-list.csv'), stopAfterHours: 8760, staleAfterHours: 8760 },
    alerts: { canaryEverySeconds: 0 },
    cameras,
  };
  const control = must(
    await startControl(must(parseConfig(JSON.stringify(config), 'test')), {
      demo: (governed) => makeDemoDepartment(governed, ['upright', 'turned']),
    }),
  );
  closing.push(() => control.stop('test'));
  const { governance, ledger } = control.governed;
  const alerts = new Map<string, number>();
  control.alerts.listen(({ match }) => {
    alerts.set(match.read.cameraId, (alerts.get(match.read.cameraId) ?? 0) + 1);
  });
  const out = () => governance.state().cameras.get('turned')?.out;
  await until('the turned camera to be taken out', () => out() ?? undefined, 150_000);
  assert.match(out()?.why ?? '', /lean by 1\d degrees/);
  assert.equal(governance.cameraRefusal('turned')?.code, 'CAMERA_OUT_OF_SERVICE');
  await until('an alert of the other', () => (alerts.get('upright') ?? 0) > 0);
  assert.equal(alerts.get('turned') ?? 0, 0);
  assert.equal(governance.cameraInService('upright'), true);
  const by: string[] = [];
  ledger.replay(1, ({ action, actor_id }) => {
    if (action === 'camera.take_out') by.push(actor_id);
    return true;
  });
  assert.deepEqual(by, ['SYS:camera-health']);
});
