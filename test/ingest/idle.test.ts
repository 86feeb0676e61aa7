import { strict as assert } from 'node:assert';
import { startEngineFlow } from '../../src/engine/flow.js';
import { Idleness } from '../../src/ingest/idleness.js';
import { cameraSettings } from '../../src/ingest/settings.js';
import { silentLog } from '../../src/observe/log.js';
import { openPipeline } from '../../src/pipeline/pipeline.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath, clipTruth } from '../../src/simulator/scenes/clips.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test } = suite('a camera whose road is still');

test('it is looked at less often from a while after the last motion on, and as before from the first motion on', () => {
  const idleness = new Idleness({ enabled: true, afterMs: 1_000, analysedFps: 2 });
  const lookedAt: number[] = [];
  for (let atMs = 0; atMs < 6_000; atMs += 100) {
    if (idleness.passesOver(atMs)) continue;
    lookedAt.push(atMs);
    idleness.looked(atMs, atMs >= 4_000 && atMs < 4_500);
  }
  const between = (from: number, to: number) => lookedAt.filter((atMs) => atMs >= from && atMs < to).length;
  assert.equal(between(0, 1_000), 10);
  assert.ok(between(1_100, 4_000) <= 7, `two a second: ${between(1_100, 4_000)}`);
  const first = lookedAt.find((atMs) => atMs >= 4_000) as number;
  assert.ok(first <= 4_500, 'half a second later at most');
  assert.equal(between(first, 5_000), (5_000 - first) / 100, 'and from then on as often as ever');
  assert.ok(between(5_600, 6_000) <= 1, 'and idle again');
});

test('switched off, it is looked at as often as ever', () => {
  const idleness = new Idleness({ enabled: false, afterMs: 1_000, analysedFps: 2 });
  for (let atMs = 0; atMs < 10_000; atMs += 100) {
    assert.equal(idleness.passesOver(atMs), false);
    idleness.looked(atMs, false);
  }
});

test('a plate that comes after the road was idle is read, over RTSP, loop after loop; what was passed over is counted', async () => {
  const opened = await openPipeline({ inference: 'onnx', threads: 1 });
  assert.ok(opened.ok);
  const server = await startRtspServer({ clips: [clipPath('plate-20')] });
  const truth = clipTruth('plate-20').passes.map(({ plate }) => plate);
  const read: string[] = [];
  const flow = startEngineFlow({
    cameras: [
      cameraSettings.parse({
        id: 'cam',
        url: server.urls[0],
        slots: 32,
        lateAfterMs: 60_000,
        idle: { afterMs: 1_000, analysedFps: 2 },
      }),
    ],
    pipeline: opened.value,
    run: 'idle',
    onReport: ({ stage, read: { plate } }) => {
      if (stage === 'final') read.push(plate);
    },
    log: silentLog,
  });
  const status = () => flow.status()[0] as ReturnType<typeof flow.status>[number];
  await until('the road was idle', () => status().passedOver > 10);
  read.length = 0;
  const passedOver = status().passedOver;
  await until(
    'every plate of the clip again, and idle in between',
    () => truth.every((plate) => read.includes(plate)) && status().passedOver > passedOver,
    90_000,
  );
  await flow.stop('test over');
  await server.close();
  await opened.value.close();
});
