import { strict as assert } from 'node:assert';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from '../../src/data/frame.js';
import type { Camera } from '../../src/ingest/camera.js';
import type { CameraSettings } from '../../src/ingest/settings.js';
import { packagePath } from '../../src/package_root.js';
import { SimulatedCamera } from '../../src/simulator/rtsp/camera.js';
import { loadClip } from '../../src/simulator/rtsp/clip.js';
import { Schedule } from '../../src/simulator/rtsp/schedule.js';
import { type RtspServerOptions, startRtspServer } from '../../src/simulator/rtsp/server.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { watchCamera } from '../support/watch_camera.js';

const clip = packagePath('assets', 'clips', 'two-line.mp4');
const credential = { username: 'viewer', password: 'p@ss: word/1' };
const { test } = suite('RTSP over sockets');

const watch = (url: string, more: Partial<CameraSettings> = {}) =>
  watchCamera(url, { connectTimeoutMs: 10_000, readTimeoutMs: 2000, ...more });

async function serving(
  options: Partial<RtspServerOptions>,
  body: (server: Awaited<ReturnType<typeof startRtspServer>>) => Promise<void>,
) {
  const server = await startRtspServer({ clips: [clip], ...options });
  try {
    await body(server);
  } finally {
    await server.close();
  }
}

async function playsFrames(camera: { camera: Camera; frames: Frame[] }, count = 5): Promise<void> {
  await until(`${count} frames`, () => camera.frames.length >= count);
  const times = camera.frames.map((frame) => frame.capturedAtMs);
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
    'capture time goes forward',
  );
  await camera.camera.stop('test over');
}

test('whoever comes first gets a key frame first, wherever in the clip that is: nobody waits for the next one', async () => {
  const whole = await loadClip(clip);
  const schedule = new Schedule(() => Date.now());
  const first = new Map<number, boolean>();
  const offsets = Array.from({ length: 12 }, (_, i) => (i / 12) * whole.durationMs + 150);
  for (const offset of offsets) {
    new SimulatedCamera('/cam', whole, schedule, offset).join({
      send: (_payload, _last, _timestamp, key) => first.has(offset) || first.set(offset, key),
      report() {},
    });
  }
  await until('something from all of them', () => first.size === offsets.length);
  schedule.close();
  assert.ok([...first.values()].every((key) => key));
});

for (const transport of ['tcp', 'udp'] as const) {
  test(`plays over ${transport}, with the capture time of the camera's RTCP clock`, async () => {
    await serving({}, async (server) => {
      const seen = watch(server.urls[0] as string, { transport });
      await until('an RTCP time', () => seen.frames.some((frame) => frame.captureClock === 'rtcp'));
      const frame = seen.frames.findLast((one) => one.captureClock === 'rtcp') as Frame;
      assert.ok(Math.abs(Date.now() - frame.capturedAtMs) < 60_000);
      await playsFrames(seen);
    });
  });
}

for (const scheme of ['basic', 'digest'] as const) {
  test(`${scheme}: the right password plays, a wrong one waits with a reason that holds no secret`, async () => {
    await serving({ auth: { credential, schemes: [scheme], realm: 'test' } }, async (server) => {
      const folder = mkdtempSync(join(tmpdir(), 'platestream-test-'));
      const write = (name: string, text: string) => {
        writeFileSync(join(folder, name), text);
        return join(folder, name);
      };
      const url = server.urls[0] as string;
      const { username } = credential;
      await playsFrames(watch(url, { username, passwordFile: write('right', `${credential.password}\n`) }));
      const refused = watch(url, { username, passwordFile: write('wrong', 'wr0ng-secret') });
      await until('a refusal', () => refused.states.some((state) => state.kind === 'waiting'));
      await refused.camera.stop('test over');
      assert.doesNotMatch(JSON.stringify(refused.states), /wr0ng|viewer|rtsp:/);
      assert.equal(refused.frames.length, 0);
    });
  });
}

test('a stalled camera is noticed, left with a reason, and played again when it recovers', async () => {
  await serving({}, async (server) => {
    const seen = watch(server.urls[0] as string);
    await until('frames', () => seen.frames.length > 2);
    server.setFault(0, { kind: 'stall' });
    await until('waiting', () => seen.states.some((state) => state.kind === 'waiting'));
    server.setFault(0, { kind: 'none' });
    await until('a second connection plays', () => seen.frames.some((frame) => frame.generation > 1));
    await seen.camera.stop('test over');
  });
});

test('a camera that closes the connection is connected to again', async () => {
  await serving({}, async (server) => {
    const seen = watch(server.urls[0] as string);
    await until('frames', () => seen.frames.length > 2);
    server.setFault(0, { kind: 'disconnect' });
    server.setFault(0, { kind: 'none' });
    await until('a second connection plays', () => seen.frames.some((frame) => frame.generation > 1));
    await seen.camera.stop('test over');
  });
});

test('lost packets, a lying SDP and a 401 leave the camera alive with a reason', async () => {
  await serving({ cameras: 3 }, async (server) => {
    server.setFault(0, { kind: 'packet_loss', share: 0.05 });
    server.setFault(1, { kind: 'wrong_sdp' });
    server.setFault(2, { kind: 'unauthorised' });
    const [lossy, lying, refusing] = server.urls.map((url) => watch(url)) as [
      ReturnType<typeof watch>,
      ReturnType<typeof watch>,
      ReturnType<typeof watch>,
    ];
    await until('frames in spite of loss', () => lossy.frames.length > 3);
    await until('the lie is noticed', () => lying.states.some((state) => state.kind === 'waiting'));
    await until('the refusal is noticed', () => refusing.states.some((state) => state.kind === 'waiting'));
    for (const one of [lossy, lying, refusing]) await one.camera.stop('test over');
  });
});

test('a server that refuses, hangs, or sends one byte a second ends in a reason, and stopping is prompt', async () => {
  const hanging = createServer(() => {});
  const trickling = createServer((socket) => {
    const timer = setInterval(() => socket.write('R'), 1000);
    socket.on('error', () => {});
    socket.on('close', () => clearInterval(timer));
  });
  const listen = (server: Server) =>
    new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
    );
  const ports = [await listen(hanging), await listen(trickling), 9];
  for (const port of ports) {
    const seen = watch(`rtsp://127.0.0.1:${port}/x`, { connectTimeoutMs: 2000 });
    await until(`a reason from port ${port}`, () => seen.states.some((state) => state.kind === 'waiting'));
    await seen.camera.stop('test over');
    assert.equal(seen.camera.state().kind, 'stopped');
  }
  hanging.close();
  trickling.close();
});

test('a removed camera decodes nothing until it is returned to service [IV.B.2.a(3)]', async () => {
  await serving({}, async (server) => {
    const seen = watch(server.urls[0] as string);
    await until('frames', () => seen.frames.length > 2);
    seen.camera.setService(false);
    await until('out of service', () => seen.camera.state().kind === 'out_of_service');
    await until('the connection is closed', () => server.stats().clients === 0);
    const count = seen.frames.length;
    seen.camera.setService(true);
    await until('frames again', () => seen.frames.length > count);
    await seen.camera.stop('test over');
  });
});
