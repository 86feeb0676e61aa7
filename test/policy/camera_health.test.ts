import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import sharp from 'sharp';
import type { CameraStatus } from '../../src/bus/message.js';
import { CameraHealth } from '../../src/cameras/health.js';
import { plateLook } from '../../src/cameras/plate_look.js';
import type { Read } from '../../src/data/read.js';
import { silentLog } from '../../src/observe/log.js';
import { restoreState } from '../../src/policy/snapshot.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { staffedWorld, startMs, type World } from './world.js';

const { test, before, after } = suite('camera health');
let world: World;
let health: CameraHealth;
before(async () => {
  world = await staffedWorld();
  health = new CameraHealth(world.governance, world.clock, silentLog);
});
after(() => world.close());

/** A picture of seven dark blocks on a plate, as the evidence of a read would show it, turned. */
async function platePicture(degrees: number, blur = 0): Promise<Uint8Array> {
  const blocks = Array.from({ length: 7 }, (_, at) => `<rect x="${66 + 18 * at}" y="60" width="11" height="30"/>`);
  const plate = `<rect x="55" y="45" width="140" height="60" fill="#eee"/>${blocks.join('')}`;
  const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="250" height="150"><rect width="250" height="150" fill="#456"/>
    <g transform="rotate(${degrees} 125 75)">${plate}</g></svg>`;
  const drawn = sharp(Buffer.from(picture));
  return new Uint8Array(await (blur ? drawn.blur(blur) : drawn).jpeg({ quality: 80 }).toBuffer());
}

let numbered = 0;
async function working(): Promise<string> {
  numbered += 1;
  const cameraId = `oak-${numbered}`;
  const request = { kind: 'fixed', purpose: 'entrances of the city', fromMs: startMs, toMs: null };
  const deploymentId = (await world.did('tech', 'deployment.request', request)).id('deployment');
  await world.did('chief', 'deployment.approve', { deploymentId });
  const place = { latitude: 42.373, longitude: -71.11 };
  await world.did('tech', 'camera.register', { cameraId, mount: 'pole', ...place, deploymentId });
  await world.did('chief', 'camera.approve', { cameraId });
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'sharp and straight' });
  return cameraId;
}

interface Shown {
  readonly degrees?: number;
  readonly height?: number;
  readonly confidence?: number;
  /** Standard deviation of a Gaussian, pixels. */
  readonly blur?: number;
  readonly id?: string;
}
let reads = 0;
/** What the live path hears of one read. */
async function see(cameraId: string, { degrees = 0, height = 40, confidence = 0.95, blur = 0, id }: Shown = {}) {
  reads += 1;
  const plate = await platePicture(degrees, blur);
  const box = { x: 0, y: 0, width: 3 * height, height };
  const read = { id: id ?? `read-${reads}`, cameraId, confidence, box, evidence: { plate } } as unknown as Read;
  return (await health.observe(read, true))?.code ?? 'used';
}
const seeMany = async (cameraId: string, times: number, shown: Shown = {}) => {
  const codes: string[] = [];
  for (let at = 0; at < times; at++) codes.push(await see(cameraId, shown));
  return codes;
};
const outOf = (cameraId: string) => world.governance.state().cameras.get(cameraId)?.out?.why ?? null;

test('the lean of a plate is measured to two degrees', async () => {
  for (const degrees of [-25, -15, -8, 0, 5, 12, 20]) {
    const measured = (await plateLook(await platePicture(degrees)))?.tiltDegrees ?? Number.NaN;
    assert.ok(Math.abs(measured - degrees) <= 2, `${degrees} measured as ${measured}`);
  }
});

test('many leaning reads at once take the camera out once', async () => {
  const cameraId = await working();
  const before = world.ledger.size;
  await Promise.all(Array.from({ length: 12 }, (_, n) => see(cameraId, { degrees: 15, id: `many-${n}` })));
  const recorded: string[] = [];
  world.ledger.replay(before + 1, ({ action }) => {
    recorded.push(action);
    return true;
  });
  assert.deepEqual(recorded, ['camera.take_out']);
});

test('a leaning read is never used, three in a row take the camera out, one pass counts once [IV.B.2.a(3)]', async () => {
  const cameraId = await working();
  assert.equal(await see(cameraId, { degrees: 15, id: 'same' }), 'CAMERA_SUSPECT');
  assert.equal(await see(cameraId, { degrees: 15, id: 'same' }), 'CAMERA_SUSPECT');
  assert.equal(await see(cameraId, { degrees: 15, id: 'same' }), 'CAMERA_SUSPECT');
  assert.equal(outOf(cameraId), null);
  assert.equal(await see(cameraId), 'used');
  assert.deepEqual(await seeMany(cameraId, 2, { degrees: -15 }), ['CAMERA_SUSPECT', 'CAMERA_SUSPECT']);
  assert.equal(outOf(cameraId), null);
  assert.equal(await see(cameraId, { degrees: -15 }), 'CAMERA_SUSPECT');
  assert.match(outOf(cameraId) ?? '', /lean by 1\d degrees/);
  assert.equal(world.governance.cameraRefusal(cameraId)?.code, 'CAMERA_OUT_OF_SERVICE');
});

test('back only after a repair and a passed check, and then with a baseline of its own [IV.B.2.a(3)] [IV.B.2.a(5)]', async () => {
  const cameraId = await working();
  await seeMany(cameraId, 20, { degrees: 7 });
  assert.equal(await see(cameraId, { degrees: 15 }), 'used', 'eight degrees from how it always looked');
  await seeMany(cameraId, 3, { degrees: -8 });
  assert.ok(outOf(cameraId));
  assert.equal((await world.refused('tech', 'camera.put_in', { cameraId })).code, 'CAMERA_OUT_OF_SERVICE');
  await world.did('tech', 'camera.repair', { cameraId, done: 'mount set straight and fastened' });
  world.clock.advance(1000);
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'straight again' });
  await world.did('tech', 'camera.put_in', { cameraId });
  assert.equal(await see(cameraId, { degrees: -8 }), 'used');
  assert.equal(outOf(cameraId), null);
});

test('lasting changes of plate height and of confidence take it out, one odd read does not [IV.B.2.a(3)]', async () => {
  const moved = await working();
  await seeMany(moved, 20);
  await seeMany(moved, 5, { height: 90 });
  await seeMany(moved, 12);
  assert.equal(outOf(moved), null);
  await seeMany(moved, 20, { height: 90 });
  assert.match(outOf(moved) ?? '', /90 pixels tall, not 40/);
  const blurred = await working();
  await seeMany(blurred, 20);
  await seeMany(blurred, 20, { confidence: 0.5 });
  assert.match(outOf(blurred) ?? '', /less sure by 45 points/);
});

test('a camera that has lost its focus goes out, though the reader is still sure [IV.B.2.a(3)]', async () => {
  const cameraId = await working();
  await seeMany(cameraId, 20);
  const sharpness = world.governance.state().cameras.get(cameraId)?.baseline?.sharpness ?? 0;
  assert.ok(sharpness > 0);
  await seeMany(cameraId, 5, { blur: 4 });
  await seeMany(cameraId, 12);
  assert.equal(outOf(cameraId), null, 'a few plates in spray');
  await seeMany(cameraId, 20, { blur: 4 });
  assert.match(outOf(cameraId) ?? '', /less sharp by \d\d per cent/);
});

test('the baseline is a record: a restart keeps it, a passed check begins it anew, nobody else sets it [IV.B.2.a(3)] [IV.C.6.a]', async () => {
  const cameraId = await working();
  const baseline = () => world.governance.state().cameras.get(cameraId)?.baseline ?? null;
  await seeMany(cameraId, 19, { degrees: 7 });
  assert.equal(baseline(), null);
  await see(cameraId, { degrees: 7 });
  const kept = baseline();
  assert.ok(Math.abs((kept?.tiltDegrees ?? 0) - 7) <= 2 && kept?.plateHeightPx === 40);
  health = new CameraHealth(world.governance, world.clock, silentLog);
  assert.deepEqual(
    [await see(cameraId, { degrees: 15 }), await see(cameraId, { degrees: -6 })],
    ['used', 'CAMERA_SUSPECT'],
    'after a restart, against how it always looked, not against upright',
  );
  const folded = restoreState(join(world.dir, 'none.json'), world.ledger);
  assert.deepEqual(folded.cameras.get(cameraId)?.baseline, kept);
  const input = { cameraId, baseline: kept };
  assert.equal((await world.refused('tech', 'camera.set_baseline', input)).code, 'ROLE_REQUIRED');
  world.clock.advance(1000);
  await world.did('tech', 'camera.check', { cameraId, passed: true, findings: 'fine' });
  assert.equal(baseline(), null);
});

/** What the engine says of a camera's stream, once a second for so long. */
function hearFor(cameraId: string, seconds: number, stream: object, more: object = {}): void {
  for (let second = 0; second < seconds; second++) {
    world.clock.advance(1000);
    const counts = { captured: 0, inFlight: 0, read: 0, empty: 0, dropped: 0, failed: 0 };
    const said = { fps: 10, fpsWanted: 10, clockOffsetMs: -80, ...stream };
    health.observeStream({ cameraId, state: 'playing', counts, stream: said, ...more } as unknown as CameraStatus);
  }
}
const isOut = (cameraId: string) => until('out of service', () => outOf(cameraId) ?? undefined);

test('fewer pictures a second than half of those configured, for a minute, take a camera out [IV.B.2.a(3)]', async () => {
  const cameraId = await working();
  hearFor(cameraId, 59, { fps: 4 });
  hearFor(cameraId, 1, { fps: 6 });
  hearFor(cameraId, 59, { fps: 4 });
  hearFor(cameraId, 30, { fps: null });
  hearFor(cameraId, 200, { fps: 4 }, { state: 'waiting' });
  assert.equal(outOf(cameraId), null);
  hearFor(cameraId, 62, { fps: 4 });
  assert.match(await isOut(cameraId), /4\.0 pictures a second, not the 10 configured/);
});

test('a machine that can not keep up blames no camera [IV.B.2.a(3)]', async () => {
  const cameraId = await working();
  let dropped = 0;
  for (let second = 0; second < 100; second++) {
    dropped += 1;
    const counts = { captured: 0, inFlight: 0, read: 0, empty: 0, dropped, failed: 0 };
    hearFor(cameraId, 1, { fps: 2, clockOffsetMs: -30_000 }, { counts });
  }
  assert.equal(outOf(cameraId), null);
});

test('a clock that was right at the check and is not any more takes a camera out; our own clock does not [IV.B.2.a(3)] (T15)', async () => {
  const cameraId = await working();
  hearFor(cameraId, 2, {});
  await seeMany(cameraId, 20);
  assert.equal(world.governance.state().cameras.get(cameraId)?.baseline?.clockOffsetMs, -80);
  hearFor(cameraId, 59, { clockOffsetMs: 40_000 });
  hearFor(cameraId, 1, { clockOffsetMs: 9_000 });
  world.clock.jump(40_000);
  hearFor(cameraId, 100, { clockOffsetMs: -40_080 });
  assert.equal(outOf(cameraId), null, 'we were set, not the camera');
  world.clock.jump(-40_000);
  hearFor(cameraId, 62, { clockOffsetMs: 40_000 });
  assert.match(await isOut(cameraId), /clock is off by 40 seconds/);

  const never = await working();
  hearFor(never, 2, { clockOffsetMs: -9_000_000 });
  await seeMany(never, 20);
  hearFor(never, 100, { clockOffsetMs: -9_500_000 });
  assert.equal(outOf(never), null, 'a clock that was never right is not used anyway');
});
