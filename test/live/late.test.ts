import { strict as assert } from 'node:assert';
import { type FrameOutcome, isBalanced } from '../../src/data/outcome.js';
import { startEngineFlow } from '../../src/engine/flow.js';
import { cameraSettings } from '../../src/ingest/settings.js';
import { openVideoSource } from '../../src/ingest/video_source.js';
import { silentLog } from '../../src/observe/log.js';
import { openPipeline, type Pipeline } from '../../src/pipeline/pipeline.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

/** More frames than can be looked at: those that are looked at are fresh, the others dropped, and it ends when the load does. */
const { test, before, after } = suite('frames that come too late');
let pipeline: Pipeline;
before(async () => {
  const opened = await openPipeline({ inference: 'onnx', threads: 1 });
  assert.ok(opened.ok);
  pipeline = opened.value;
});
after(() => pipeline.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a pipeline that is far too slow: frames that have waited too long give way to newer ones of their camera, and none when it is fast again', async () => {
  const lateAfterMs = 300;
  const server = await startRtspServer({ clips: [clipPath('plate-100')], cameras: 3 });
  const ends: FrameOutcome[] = [];
  let slowMs = 250;
  const slow: Pipeline = {
    ...pipeline,
    async submit(frame, slots, look) {
      await pause(slowMs);
      return pipeline.submit(frame, slots, look);
    },
  };
  const flow = startEngineFlow({
    cameras: server.urls.map((url, i) =>
      cameraSettings.parse({ id: `cam-${i + 1}`, url, lateAfterMs, motion: { enabled: false } }),
    ),
    pipeline: slow,
    run: 'late',
    onReport() {},
    onOutcome: (_, outcome) => ends.push(outcome),
    log: silentLog,
  });
  const looking = setInterval(() => {
    for (const { cameraId, counts, reasons } of flow.status()) {
      assert.ok(isBalanced(counts), `${cameraId} ${JSON.stringify([counts, reasons])}`);
    }
  }, 20);
  const dropped = (reason: string) =>
    flow.status().reduce((sum, { reasons }) => sum + (reasons[`dropped:${reason}`] ?? 0), 0);
  try {
    await until('frames gave way', () => dropped('late') > 20);
    await until('frames were looked at', () => ends.filter(({ kind }) => kind !== 'dropped').length > 10);
    const playing = flow.status().filter(({ state }) => state === 'playing');
    for (const { counts, cameraId } of playing) assert.ok(counts.read + counts.empty > 0, `${cameraId} starves`);

    slowMs = 0;
    let before = { dropped: dropped('late'), ended: ends.length };
    await until(
      'frames, and none of them late',
      async () => {
        await pause(1_000);
        const previous = before;
        before = { dropped: dropped('late'), ended: ends.length };
        return before.dropped === previous.dropped && before.ended > previous.ended + 5;
      },
      60_000,
    );
  } finally {
    clearInterval(looking);
    await flow.stop('test over');
    await server.close();
  }
  for (const { cameraId, counts } of flow.status()) {
    assert.ok(isBalanced(counts));
    assert.equal(counts.inFlight, 0, cameraId);
  }
});

test('a reader that was away for seconds gives up what waits in its socket, is told how much, and goes on with a fresh picture', async () => {
  const server = await startRtspServer({ clips: [clipPath('demo-day')] });
  const settings = cameraSettings.parse({ id: 'cam', url: server.urls[0], lateAfterMs: 300 });
  const source = await openVideoSource(settings, { signal: new AbortController().signal });
  assert.ok(source.ok);
  const next = async () => {
    const got = await source.value.next();
    assert.ok(!('ended' in got), JSON.stringify(got));
    return got;
  };
  try {
    await until('a fresh picture', async () => {
      const got = await next();
      return !('undecoded' in got) && got.lateMs < 300;
    });

    // Each picture is given more time than it is long: what is read falls behind by a second every two.
    let late = 0;
    await until(
      'pictures left undecoded',
      async () => {
        const got = await next();
        if ('undecoded' in got) late += 1;
        else await pause(170);
        return late > 0;
      },
      30_000,
    );
    let lateness = Number.POSITIVE_INFINITY;
    await until(
      'a picture that is fresh',
      async () => {
        const got = await next();
        if ('undecoded' in got) late += 1;
        else lateness = got.lateMs;
        return lateness <= 300;
      },
      30_000,
    );
    assert.ok(late > 5, `${late} pictures were left undecoded`);
  } finally {
    await source.value.close();
    await server.close();
  }
});
