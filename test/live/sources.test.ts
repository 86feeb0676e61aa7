import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { jpegsOf, startMjpegCamera } from '../support/mjpeg_camera.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('sources of a running program');
const folder = mkdtempSync(join(tmpdir(), 'platestream-sources-'));
const program = packagePath('bin', 'platestream.js');
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

const clip = readFileSync(clipPath('two-line'));
const boxes: { type: string; from: number; to: number }[] = [];
for (let at = 0; at + 8 <= clip.length; at = (boxes.at(-1) as { to: number }).to)
  boxes.push({ type: clip.toString('latin1', at + 4, at + 8), from: at, to: at + clip.readUInt32BE(at) });

function part(type: string): Buffer {
  const box = boxes.find((one) => one.type === type);
  assert.ok(box, `the clip has a part ${type}`);
  return clip.subarray(box.from, box.to);
}

/** The committed clip with its index in front (as streamed files have it), the pictures cut in their middle. */
function cutInThePictures(): string {
  const index = Buffer.from(part('moov'));
  const moved = part('ftyp').length + index.length - (boxes.find(({ type }) => type === 'mdat')?.from ?? 0);
  const table = index.indexOf('stco');
  for (let i = 0; i < index.readUInt32BE(table + 8); i++) {
    const at = table + 12 + 4 * i;
    index.writeUInt32BE(index.readUInt32BE(at) + moved, at);
  }
  const whole = Buffer.concat([part('ftyp'), index, part('mdat')]);
  const file = join(folder, 'pictures.mp4');
  writeFileSync(file, whole.subarray(0, Math.floor(whole.length / 2)));
  return file;
}

/** The committed clip with its index (`moov`) before or behind the pictures, cut within that index. */
function cutInTheIndex(where: 'first' | 'last'): string {
  const index = part('moov');
  const half = index.subarray(0, Math.floor(index.length / 2));
  const content = where === 'first' ? [part('ftyp'), half] : [part('ftyp'), part('mdat'), half];
  const file = join(folder, `index-${where}.mp4`);
  writeFileSync(file, Buffer.concat(content));
  return file;
}

const cut = { first: cutInTheIndex('first'), last: cutInTheIndex('last') };

test('read: a video whose index is cut in the middle has one clear line, wherever the index stands', () => {
  for (const file of Object.values(cut)) {
    const args = [program, 'read', '--json', '--engine', 'onnx', file];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^platestream: .*index-(first|last)\.mp4: not a whole video file \(.+\)\n$/);
  }
});

test('read: a video whose pictures are cut in the middle is read as far as it goes, and has one line that says so', () => {
  const args = [program, 'read', '--json', '--engine', 'onnx', cutInThePictures()];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  assert.equal(status, 2, stderr);
  assert.match(stdout, /"plates":\[\{"text":"[A-Z0-9]+"/);
  assert.match(stderr, /^platestream: .*pictures\.mp4: cut short: the file ends after \d+ pictures, .*\n$/);
});

interface LogLine {
  readonly camera?: string;
  readonly state?: string;
  readonly reason?: string;
}

test('serve: such a video fails with that line and leaves the others alone; a camera that sends JPEG pictures plays, and comes back after it hung up', async () => {
  const mjpeg = await startMjpegCamera(await jpegsOf(clipPath('two-line'), 110), 166);
  const street = await startRtspServer({ clips: [clipPath('two-line')] });
  closing.push(
    () => mjpeg.close(),
    () => street.close(),
  );
  const cameras = [
    { id: 'index-first', url: cut.first },
    { id: 'index-last', url: cut.last },
    { id: 'jpeg', url: mjpeg.url },
    { id: 'street', url: street.urls[0] },
  ];
  const dataDir = join(folder, 'data');
  await prepareDemoDepartment(
    { dataDir },
    cameras.map(({ id }) => id),
  );
  const config = join(folder, 'platestream.yaml');
  writeFileSync(config, JSON.stringify({ dataDir, log: 'info', server: { port: 0 }, cameras }));
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--json']);
  closing.push(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const address = await until('the address', () => /listening on (http:\S+)/.exec(said)?.[1]);
  const look = async () => new Scrape(await (await fetch(`${address}/metrics`)).text());
  const captured = async (camera: string) => (await look()).sum('platestream_frames_captured_total', { camera });
  const read = async (camera: string) => (await look()).sum('platestream_frames_total', { camera, outcome: 'read' });

  await until('a plate from the JPEG camera', async () => (await read('jpeg')) > 0, 90_000);
  await until('a plate from the RTSP camera', async () => (await read('street')) > 0, 90_000);
  for (const camera of ['index-first', 'index-last']) {
    assert.equal((await look()).sum('platestream_camera_state', { camera, state: 'failed' }), 1, camera);
    assert.equal(await captured(camera), 0);
  }
  mjpeg.hangUp();
  const before = await captured('jpeg');
  await until('the JPEG camera again', async () => (await captured('jpeg')) > before + 5);

  child.kill('SIGTERM');
  await until('its end', () => child.exitCode !== null || child.signalCode !== null);
  assert.equal(child.exitCode, 0);
  const lines = said.split('\n').filter((line) => line.startsWith('{"level"') || line.startsWith('{"time"'));
  const states = lines.map((line) => JSON.parse(line) as LogLine).filter(({ state }) => state === 'failed');
  assert.deepEqual(states.map(({ camera }) => camera).sort(), ['index-first', 'index-last'], 'one line each');
  for (const { reason } of states) assert.match(reason ?? '', /^not a whole video file \(.+\)$/);
  assert.ok(
    lines.some((line) => line.includes('the camera closed the stream')),
    'why the JPEG camera was left',
  );
});
