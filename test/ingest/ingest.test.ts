import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { slotLayout } from '../../src/data/slot_layout.js';
import { backoffMs } from '../../src/ingest/backoff.js';
import { FrameSlots } from '../../src/ingest/frame_slots.js';
import { MotionGate, type SparseLuma, sparseStep } from '../../src/ingest/motion.js';
import { createSampler } from '../../src/ingest/sampling.js';
import { suite } from '../support/suite.js';

const { test } = suite('ingest');
const layout = slotLayout(640, 360, { width: 640, height: 384 });

test('a slot is held by one frame at a time and released once', () => {
  const slots = new FrameSlots(layout, 3);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (steps) => {
      const held: number[] = [];
      for (const take of steps) {
        const slot = take ? slots.acquire() : null;
        if (slot !== null) {
          assert.ok(!held.includes(slot));
          held.push(slot);
        } else if (!take && held.length > 0) slots.release(held.pop() as number);
        assert.equal(slots.inUse, held.length);
      }
      for (const slot of held) slots.release(slot);
    }),
  );
  const slot = slots.acquire() as number;
  slots.release(slot);
  assert.throws(() => slots.release(slot), /released once/);
});

test('sampling keeps the wanted rate whatever the camera rate, and recovers when the clock jumps back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 1, max: 60 }), (cameraFps, wantedFps) => {
      const sample = createSampler(wantedFps);
      let taken = 0;
      for (let i = 0; i < cameraFps * 10; i++) if (sample(1000 + (i * 1000) / cameraFps)) taken += 1;
      assert.ok(
        taken <= Math.min(cameraFps, wantedFps * 1.35) * 10 + 2,
        `${taken} of ${wantedFps}/s from ${cameraFps}/s`,
      );
      assert.ok(
        taken >= Math.min(cameraFps, wantedFps) * 10 * 0.6 - 2,
        `${taken} of ${wantedFps}/s from ${cameraFps}/s`,
      );
      assert.ok(sample(0), 'a jump back starts anew');
    }),
  );
});

test('backoff grows, is jittered and bounded', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = backoffMs(attempt, random);
      assert.ok(ms >= 250 && ms <= 30_000);
    }),
  );
});

function picture(level: number, noise: number, patch: { x: number; y: number } | null): Uint8Array {
  const pixels = new Uint8Array(640 * 360);
  for (let i = 0; i < pixels.length; i++) pixels[i] = level + ((i * 7919) % (2 * noise + 1)) - noise;
  if (patch)
    for (let y = 0; y < 60; y++) pixels.fill(220, (patch.y + y) * 640 + patch.x, (patch.y + y) * 640 + patch.x + 90);
  return pixels;
}

/** What the decoder side hands to the gate: one point in 128. */
function sparseOf(pixels: Uint8Array): SparseLuma {
  const { across, down } = sparseStep;
  const [width, height] = [Math.floor(640 / across), Math.floor(360 / down)];
  const pointOf = (i: number) =>
    pixels[(Math.floor(i / width) * down + down / 2) * 640 + (i % width) * across + across / 2] as number;
  return { pixels: Uint8Array.from({ length: width * height }, (_, i) => pointOf(i)), stride: width, width, height };
}

test('the motion gate sees a moving patch where it is, and neither noise nor a change of light', () => {
  const gate = new MotionGate({ threshold: 14, zones: [], masks: [] });
  const look = (pixels: Uint8Array) => gate.look(sparseOf(pixels), 640, 360);
  look(picture(90, 5, null));
  for (let i = 0; i < 10; i++) assert.deepEqual(look(picture(90, 5, null)), []);
  assert.deepEqual(look(picture(115, 5, null)), [], 'light');
  const boxes = look(picture(115, 5, { x: 300, y: 200 }));
  assert.equal(boxes.length, 1);
  const [box] = boxes;
  assert.ok(box && box.x <= 310 && box.x + box.width >= 380 && box.y <= 210 && box.y + box.height >= 250);
});

test('motion in a mask, or outside the zones, is not looked at', () => {
  const everywhere: [number, number][] = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  const left: [number, number][] = [
    [0, 0],
    [0.3, 0],
    [0.3, 1],
    [0, 1],
  ];
  for (const settings of [
    { threshold: 14, zones: [], masks: [everywhere] },
    { threshold: 14, zones: [left], masks: [] },
  ]) {
    const gate = new MotionGate(settings);
    const look = (pixels: Uint8Array) => gate.look(sparseOf(pixels), 640, 360);
    look(picture(90, 3, null));
    assert.deepEqual(look(picture(90, 3, { x: 400, y: 100 })), []);
  }
});
