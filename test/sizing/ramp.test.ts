import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { roadFor } from '../../src/sizing/kind.js';
import { limitOf, nextCameras, type RampBounds, type Tried, targets } from '../../src/sizing/ramp.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { spreadOf } from '../../src/sizing/spread.js';
import type { StepFigures } from '../../src/sizing/step.js';
import { suite } from '../support/suite.js';

const { test } = suite('sizing ramp');

/** Ramps against a machine that carries exactly `truth` cameras. */
function ramp(truth: number, bounds: Omit<RampBounds, 'cores'>): Tried[] {
  const tried: Tried[] = [];
  for (;;) {
    const cameras = nextCameras(tried, { ...bounds, cores: 2 });
    if (cameras === null) return tried;
    tried.push({ cameras, carried: cameras <= truth, coresUsed: Math.min(2, (cameras / Math.max(1, truth)) * 1.8) });
  }
}

const share = fc.double({ min: 0, max: 0.2, noNaN: true });
const carriedOf = (tried: readonly Tried[]) => Math.max(0, ...tried.filter((t) => t.carried).map((t) => t.cameras));

test('whatever a machine carries, the ramp finds it to its precision, never claims more, and ends', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 64 }), share, (truth, first, precision) => {
      const tried = ramp(truth, { first, camerasMax: 200, stepsMax: 40, precision });
      const carried = carriedOf(tried);
      const expected = Math.min(truth, 200);
      assert.ok(carried <= expected);
      assert.ok(expected - carried <= Math.max(1, Math.floor(carried * precision)), `${carried} of ${expected}`);
      assert.equal(new Set(tried.map((t) => t.cameras)).size, tried.length, 'no number is tried twice');
    }),
  );
});

test('few steps are enough: a quick run finds the answer to a sixth within seven', () => {
  for (let truth = 0; truth <= 64; truth++) {
    const tried = ramp(truth, { first: 8, camerasMax: 64, stepsMax: 7, precision: 0.15 });
    assert.ok(truth - carriedOf(tried) <= Math.max(1, truth / 4), `${carriedOf(tried)} of ${truth}`);
  }
});

test('a step is too much for exactly one named reason', () => {
  const fine = {
    lostShare: 0.005,
    latencyMs: { p50: 90, p95: 150, p99: 200, max: 210 },
    busiestThread: 0.5,
    cores: { control: 0.1, engine: 1, simulator: 0.2, other: 0, idle: 0.7 },
  } as unknown as StepFigures;
  assert.equal(limitOf(fine), null);
  assert.match(limitOf({ ...fine, engineRestarts: 1 }) ?? '', /the engine died/);
  assert.match(limitOf({ ...fine, lostShare: targets.lostShareMax * 2 }) ?? '', /frames lost: 2\.0 %/);
  assert.match(limitOf({ ...fine, latencyMs: { ...fine.latencyMs, p99: 400 } }) ?? '', /p99 capture to alert: 400 ms/);
  assert.match(limitOf({ ...fine, busiestThread: 0.99 }) ?? '', /one thread/);
  assert.match(limitOf({ ...fine, cores: { ...fine.cores, idle: 0 } }) ?? '', /all cores are busy/);
});

test('roads: 10 frames/s below 25 mph, 15 below 45, 30 above', () => {
  assert.deepEqual(
    [5, 10, 14, 15, 29, 30].map((fps) => roadFor(fps)?.limit ?? null),
    [null, 'below 25 mph', 'below 25 mph', '25 to 45 mph', '25 to 45 mph', 'above 45 mph'],
  );
});

test('percentiles are nearest ranks, and a scrape is read label by label', () => {
  assert.deepEqual(spreadOf([]), { p50: 0, p95: 0, p99: 0, max: 0 });
  assert.deepEqual(spreadOf([3, 1, 2, 4]), { p50: 2, p95: 4, p99: 4, max: 4 });
  const scrape = new Scrape('# HELP a b\na{camera="x",reason="q\\"}"} 2\na{camera="y"} 3\nb 1e3\n');
  assert.equal(scrape.sum('a'), 5);
  assert.equal(scrape.sum('a', { camera: 'y' }), 3);
  assert.equal(scrape.sum('b'), 1000);
});
