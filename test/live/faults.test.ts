import { strict as assert } from 'node:assert';
import type { Frame } from '../../src/data/frame.js';
import { isBalanced } from '../../src/data/outcome.js';
import { type EngineFlow, startEngineFlow } from '../../src/engine/flow.js';
import { cameraSettings } from '../../src/ingest/settings.js';
import { silentLog } from '../../src/observe/log.js';
import { openPipeline, type Pipeline } from '../../src/pipeline/pipeline.js';
import type { Fault } from '../../src/simulator/rtsp/camera.js';
import { type RtspServerHandle, startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

/** One camera of three misbehaves: it comes back, the other two go on, and every frame of all three is accounted for at every look. */
const { test, before, after } = suite('cameras that misbehave');
let pipeline: Pipeline;
let server: RtspServerHandle;
let flow: EngineFlow;
let stopLooking: () => void;
/** Width of the last frame of the camera that misbehaves. */
let widthOfFirst = 0;

before(async () => {
  const opened = await openPipeline({ inference: 'onnx', threads: 1 });
  assert.ok(opened.ok);
  pipeline = opened.value;
  server = await startRtspServer({ clips: [clipPath('two-line'), clipPath('plate-20'), clipPath('empty-road')] });
  play();
  const looking = setInterval(assertBalanced, 20);
  stopLooking = () => clearInterval(looking);
});
/** All three cameras anew: none carries the waiting that an earlier fault has earned it. */
function play(): void {
  const timeouts = { connectTimeoutMs: 8000, readTimeoutMs: 5000, pictureTimeoutMs: 4000 };
  const cameras = server.urls.map((url, i) =>
    cameraSettings.parse({ id: `cam-${i}`, url, analysedFps: 5, ...timeouts }),
  );
  flow = startEngineFlow({ cameras, pipeline, run: 'faults', onReport() {}, onOutcome: sawFrame, log: silentLog });
}

async function playAnew(): Promise<void> {
  await flow.stop('next fault');
  play();
}

after(async () => {
  stopLooking();
  await flow.stop('test over');
  await server.close();
  await pipeline.close();
});

function sawFrame({ cameraId, width }: Frame): void {
  if (cameraId === 'cam-0') widthOfFirst = width;
}

/** Also thrown from the timer: an unbalanced look ends the process, and so fails the test. */
function assertBalanced(): void {
  for (const { cameraId, counts } of flow.status())
    assert.ok(isBalanced(counts), `${cameraId} ${JSON.stringify(counts)}`);
}

const camera = (index: number) => flow.status()[index] as ReturnType<EngineFlow['status']>[number];
const captured = () => [0, 1, 2].map((index) => camera(index).counts.captured) as [number, number, number];

/** Cameras 1 and 2 go on capturing. */
async function assertOthersPlay(): Promise<void> {
  const [, one, two] = captured();
  await until('frames of the other cameras', () => captured()[1] > one + 5 && captured()[2] > two + 5);
  for (const index of [1, 2]) assert.equal(camera(index).state, 'playing', camera(index).reason);
}

/** The fault is met by the connection that is open, or by the next one. */
const faults: readonly { readonly fault: Fault; readonly reconnect: boolean; readonly noticed: RegExp | null }[] = [
  { fault: { kind: 'stall' }, reconnect: false, noticed: /no data for 5000 ms/ },
  { fault: { kind: 'packet_loss', share: 0.1 }, reconnect: false, noticed: null },
  { fault: { kind: 'wrong_sdp' }, reconnect: true, noticed: /no decoder|no picture|no video|no answer|invalid/i },
  { fault: { kind: 'unauthorised' }, reconnect: true, noticed: /401|unauthori[sz]ed/i },
  { fault: { kind: 'reconnect_storm' }, reconnect: false, noticed: /./ },
  { fault: { kind: 'disconnect' }, reconnect: false, noticed: /./ },
];

for (const { fault, reconnect, noticed } of faults) {
  test(`${fault.kind}: the camera recovers, the others are unaffected, counts balance`, async () => {
    await playAnew();
    await until('three cameras that play', () => [0, 1, 2].every((i) => camera(i).state === 'playing'));
    if (reconnect) server.setFault(0, { kind: 'disconnect' });
    server.setFault(0, fault);
    if (noticed) {
      await until(
        `a reason for ${fault.kind}`,
        () => camera(0).state === 'waiting' && noticed.test(camera(0).reason),
        40_000,
      );
    }
    await assertOthersPlay();
    server.setFault(0, { kind: 'none' });
    const [before] = captured();
    await until('frames again', () => camera(0).state === 'playing' && captured()[0] > before + 2);
    assertBalanced();
  });
}

test('size change in mid-stream: the camera goes on with pictures of the new size', async () => {
  await playAnew();
  await until('playing', () => camera(0).state === 'playing');
  await until('a frame of the first size', () => widthOfFirst === 1280);
  server.setFault(0, { kind: 'size_change' });
  await until('a frame of the other size', () => widthOfFirst === 1920);
  await assertOthersPlay();
  assertBalanced();
});
