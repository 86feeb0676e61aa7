import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config.js';
import { makeDemoDepartment } from '../../src/governed/demo_department.js';
import { startControl } from '../../src/main.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { transcode } from '../../src/sizing/transcode.js';
import { must } from '../policy/world.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('a camera whose stream is not what it should be');
const folder = mkdtempSync(join(tmpdir(), 'ps-stream-'));
const closing: (() => Promise<unknown>)[] = [];
after(async () => {
  for (const close of closing.reverse()) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** The shipped policy, in a hurry: nobody waits for twenty reads and a minute here. Two reads tell nothing of a camera's view or focus, so nothing is made of it. */
function hastyPolicy(): string {
  const shipped = readFileSync(packagePath('policies', '41-12.yaml'), 'utf8');
  const hasty = shipped
    .replace('cameraBaselineReads: 20', 'cameraBaselineReads: 2')
    .replace('cameraStreamSeconds: 60', 'cameraStreamSeconds: 2')
    .replace('cameraPlateHeightPercentMax: 60', 'cameraPlateHeightPercentMax: 1000')
    .replace('cameraSharpnessPercentMax: 60', 'cameraSharpnessPercentMax: 100')
    .replace('cameraConfidencePointsMax: 30', 'cameraConfidencePointsMax: 100');
  assert.notEqual(hasty, shipped);
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, hasty);
  return file;
}

test(
  'over real RTSP: three pictures a second instead of ten, and a clock that jumps a minute, take cameras out; their neighbour goes on [IV.B.2.a(3)]',
  async () => {
    const clip = packagePath('assets', 'clips', 'demo-day.mp4');
    const slow = join(folder, 'slow.mp4');
    transcode(clip, slow, { width: 640, height: 360, fps: 3, crf: 28, codec: 'h264' });
    const simulator = await startRtspServer({ clips: [clip, clip, slow], cameras: 3 });
    closing.push(() => simulator.close());
    const ids = ['right', 'jumps', 'slow'];
    const config = {
      dataDir: join(folder, 'data'),
      log: 'error',
      server: { port: 0 },
      policy: { file: hastyPolicy() },
      hotList: { file: packagePath('assets', 'demo', 'hot-list.csv'), stopAfterHours: 8760, staleAfterHours: 8760 },
      alerts: { canaryEverySeconds: 0 },
      cameras: simulator.urls.map((url, at) => ({ id: ids[at], url })),
    };
    const control = must(
      await startControl(must(parseConfig(JSON.stringify(config), 'test')), {
        demo: (governed) => makeDemoDepartment(governed, ids),
      }),
    );
    closing.push(() => control.stop('test'));
    const { governance } = control.governed;
    const camera = (id: string) => governance.state().cameras.get(id);
    await until('the slow one to be taken out', () => camera('slow')?.out ?? undefined, 120_000);
    assert.match(camera('slow')?.out?.why ?? '', /^it gives [23]\.\d pictures a second, not the 10 configured/);

    const baseline = await until('its clock in the baseline', () => camera('jumps')?.baseline ?? undefined, 120_000);
    assert.ok(Math.abs(baseline.clockOffsetMs ?? Number.NaN) < 10_000, JSON.stringify(baseline));
    simulator.setFault(1, { kind: 'clock_off', byMs: 60_000 });
    await until('the one that jumped to be taken out', () => camera('jumps')?.out ?? undefined, 120_000);
    assert.match(camera('jumps')?.out?.why ?? '', /^its clock is off by (59|60) seconds/);
    assert.equal(camera('right')?.out, null);
    assert.equal(governance.cameraInService('right'), true);
  },
  { timeoutMs: 400_000 },
);
