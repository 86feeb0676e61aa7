import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { openClip } from '../../src/simulator/scenes/encode_clip.js';
import { makeAuthority } from '../support/authority.js';
import { startGstRtsp } from '../support/gst_rtsp.js';
import { missing } from '../support/missing.js';
import { startMjpegCamera } from '../support/mjpeg_camera.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { watchCamera } from '../support/watch_camera.js';

/** Servers that share no line with our simulator: GStreamer's RTSP server, and multipart JPEG as cheap cameras send it. */
const { test, before, after } = suite('cameras of others', missing('GStreamer RTSP server'));
const folder = mkdtempSync(join(tmpdir(), 'platestream-gst-'));
const h265 = join(folder, 'h265.mp4');
const pem = join(folder, 'server.pem');
after(() => rmSync(folder, { recursive: true, force: true }));

before(() => {
  const clip = openClip(h265, { width: 320, height: 192, fps: 10, crf: 30, codec: 'h265', preset: 'veryfast' });
  const rgba = new Uint8ClampedArray(320 * 192 * 4);
  for (let frame = 0; frame < 60; frame++) {
    for (let i = 0; i < rgba.length; i++) rgba[i] = (i * 7 + frame * 31) & 255;
    clip.write(rgba);
  }
  clip.close();
  const { certificate, key } = makeAuthority(folder).sign('camera', 'IP:127.0.0.1');
  writeFileSync(pem, [key, certificate].map((file) => readFileSync(file, 'utf8')).join(''));
});

const mounts = {
  '/h264': `( filesrc location=${clipPath('two-line')} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=1 )`,
  '/h265': `( filesrc location=${h265} ! qtdemux ! h265parse ! rtph265pay name=pay0 pt=96 config-interval=1 )`,
  '/mjpeg':
    '( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=480,framerate=15/1 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )',
};
/** A server that has just been started on a busy machine needs its time. */
const patient = {
  connectTimeoutMs: 20_000,
  readTimeoutMs: 10_000,
  motion: { enabled: false, threshold: 14, lookAnywayEveryMs: 5000 },
};

test('H.264, H.265 and MJPEG over TCP and UDP', async () => {
  const server = await startGstRtsp({ mounts });
  try {
    for (const path of Object.keys(mounts)) {
      for (const transport of ['tcp', 'udp'] as const) {
        const seen = watchCamera(server.url(path), { ...patient, transport });
        await until(`frames of ${path} over ${transport}`, () => seen.frames.length >= 5);
        await seen.camera.stop('test over');
      }
    }
  } finally {
    await server.close();
  }
});

for (const digest of [false, true]) {
  test(`${digest ? 'Digest' : 'Basic'}: the right password plays, a wrong one waits, and neither is told to anybody`, async () => {
    const user = { name: 'viewer', password: 'p@ss: word/1', digest };
    const server = await startGstRtsp({ mounts, user });
    process.env['PLATESTREAM_TEST_RIGHT'] = user.password;
    process.env['PLATESTREAM_TEST_WRONG'] = 'wr0ng-secret';
    try {
      const url = server.url('/h264');
      const right = watchCamera(url, { ...patient, username: user.name, passwordEnv: 'PLATESTREAM_TEST_RIGHT' });
      await until('frames', () => right.frames.length >= 3);
      await right.camera.stop('test over');
      const wrong = watchCamera(url, { ...patient, username: user.name, passwordEnv: 'PLATESTREAM_TEST_WRONG' });
      await until('a refusal', () => wrong.states.some((state) => state.kind === 'waiting'));
      await wrong.camera.stop('test over');
      assert.doesNotMatch(JSON.stringify([right.states, wrong.states, wrong.logged()]), /wr0ng|p@ss|viewer|word/);
      assert.equal(wrong.frames.length, 0);
    } finally {
      await server.close();
    }
  });
}

test('RTSPS: encrypted from the first byte, the certificate signed by who is trusted', async () => {
  const server = await startGstRtsp({ mounts, tls: { pem } });
  try {
    const tls = { verify: true, caFile: join(folder, 'authority.pem') };
    const seen = watchCamera(server.url('/h264'), { ...patient, tls });
    await until('frames', () => seen.frames.length >= 3);
    await seen.camera.stop('test over');
  } finally {
    await server.close();
  }
});

test('a multipart MJPEG stream over HTTP', async () => {
  const pictures = await Promise.all([20, 120, 220].map((level) => jpegOf(level)));
  const camera = await startMjpegCamera(pictures, 100);
  const seen = watchCamera(camera.url, patient);
  const wallMs = async (frames: number) => {
    await until(`${frames} frames`, () => seen.frames.length >= frames);
    return Date.now();
  };
  const startedAtMs = await wallMs(5);
  const tookMs = (await wallMs(45)) - startedAtMs;
  const times = seen.frames.map((frame) => frame.capturedAtMs);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  const spanMs = (times[44] as number) - (times[4] as number);
  assert.ok(Math.abs(spanMs - tookMs) < tookMs / 4, `captured within ${spanMs} ms, received within ${tookMs} ms`);
  await seen.camera.stop('test over');
  await camera.close();
});

function jpegOf(level: number): Promise<Buffer> {
  const background = { r: level, g: 255 - level, b: level };
  return sharp({ create: { width: 320, height: 240, channels: 3, background } })
    .jpeg()
    .toBuffer();
}
