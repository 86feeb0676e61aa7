import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipOf } from '../../src/sizing/clip.js';
import { startProgram } from '../../src/sizing/program.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test } = suite('overload');
const kind = { codec: 'h264', size: '1080p', fps: 30, plates: 100, night: false, seed: 1 } as const;
const cameras = [0, 1, 2, 3, 4, 5];
const id = (camera: number) => `sizing-${camera + 1}`;

/** `captured = in flight + read + empty + dropped + failed`, camera by camera, in one scrape. */
function assertBalanced(scrape: Scrape): void {
  for (const camera of cameras.map(id)) {
    const ended =
      scrape.sum('platestream_frames_total', { camera }) + scrape.sum('platestream_frames_in_flight', { camera });
    assert.equal(scrape.sum('platestream_frames_captured_total', { camera }), ended, `frames of ${camera}`);
  }
}

/** Of the frames that were captured between two looks. */
function shareDropped(early: Scrape, late: Scrape, labels: Readonly<Record<string, string>>): number {
  const grown = (name: string, more: Readonly<Record<string, string>>) =>
    late.sum(name, { ...labels, ...more }) - early.sum(name, { ...labels, ...more });
  return grown('platestream_frames_total', { outcome: 'dropped' }) / grown('platestream_frames_captured_total', {});
}

test(
  'six cameras too fast for one thread: drops have a reason, memory is bounded; cameras flap, none is stuck; less load, fewer drops',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-overload-'));
    const clip = await clipOf(kind, () => {});
    const simulator = await startRtspServer({ clips: [clip.file], cameras: cameras.length });
    const config = {
      dataDir: join(folder, 'data'),
      log: 'error',
      server: { port: 0 },
      engine: { inference: 'onnx', threads: 1 },
      cameras: simulator.urls.map((url, i) => ({ id: id(i), url, analysedFps: 30, slots: 2, readTimeoutMs: 2000 })),
    };
    await prepareDemoDepartment(config, cameras.map(id));
    const program = await startProgram(folder, config);
    const look = async () => {
      const scrape = new Scrape(await (await fetch(`${program.address}/metrics`)).text());
      assertBalanced(scrape);
      return scrape;
    };
    const dropped = async () => (await look()).sum('platestream_frames_total', { outcome: 'dropped' });
    const playing = async () => (await look()).sum('platestream_camera_state', { state: 'playing' });
    try {
      await until('frames are shed', async () => (await dropped()) > 100, 90_000);
      const early = await look();
      await until('many more', async () => (await dropped()) > 250, 120_000);
      const undecoded = async () =>
        (await look()).sum('platestream_frames_total', { outcome: 'dropped', reason: 'overload' });
      await until('some of them not even decoded', async () => (await undecoded()) > 100);
      const late = await look();
      const reasons = late.all('platestream_frames_total').filter(({ labels }) => labels['outcome'] === 'dropped');
      for (const { labels } of reasons)
        assert.ok(['no_slot', 'late', 'overload'].includes(labels['reason'] ?? ''), labels['reason']);
      const underLoad = shareDropped(early, late, {});
      const grown = late.sum('platestream_engine_resident_bytes') / early.sum('platestream_engine_resident_bytes');
      assert.ok(grown < 1.5, `memory grew to ${grown.toFixed(2)} times while frames were shed`);
      assert.ok(late.sum('platestream_frame_slots_in_use') <= late.sum('platestream_frame_slots'));

      for (let round = 0; round < 4; round++) {
        const camera = round % cameras.length;
        simulator.setFault(camera, { kind: round % 2 === 0 ? 'disconnect' : 'stall' });
        await until('a camera is away', async () => (await playing()) < cameras.length);
        simulator.setFault(camera, { kind: 'none' });
        await until('all play again', async () => (await playing()) === cameras.length);
      }

      for (const camera of cameras.slice(1)) simulator.setFault(camera, { kind: 'stall' });
      // Of the camera that is left, in a second's worth of its frames; on a busy machine even one is too much for a thread.
      let before = await look();
      const isRelieved = async () => {
        const now = await look();
        const framesOf = (scrape: Scrape) => scrape.sum('platestream_frames_captured_total', { camera: id(0) });
        if (framesOf(now) - framesOf(before) < 30) return false;
        const share = shareDropped(before, now, { camera: id(0) });
        before = now;
        process.stdout.write(`dropped: ${share.toFixed(2)} of its frames, ${underLoad.toFixed(2)} of all before\n`);
        return share < underLoad;
      };
      await until('the camera that is left to be looked at more often', isRelieved);
    } finally {
      await program.stop();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  { timeoutMs: 400_000 },
);
