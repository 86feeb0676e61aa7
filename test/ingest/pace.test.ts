import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Pace } from '../../src/ingest/pace.js';
import { suite } from '../support/suite.js';

const { test } = suite('pictures a second');

test('any even stream shows its own rate, however many pictures were left undecoded [IV.B.2.a(3)]', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 5 }), (fps, atOnce) => {
      const pace = new Pace();
      for (let ms = 0; ms <= 25_000; ms += (1000 * atOnce) / fps) pace.saw(ms, atOnce);
      assert.ok(Math.abs((pace.fps ?? 0) - fps) <= fps * 0.02 + 0.1, `${pace.fps}`);
    }),
  );
});

test('nothing is said before a whole window, after a new connection, or of time that went back', () => {
  const pace = new Pace();
  for (let ms = 0; ms < 9_900; ms += 100) pace.saw(ms, 1);
  assert.equal(pace.fps, null);
  for (let ms = 9_900; ms <= 10_000; ms += 100) pace.saw(ms, 1);
  assert.equal(pace.fps, 10);
  for (let ms = 1_000; ms <= 11_000; ms += 200) pace.saw(ms, 1);
  assert.equal(pace.fps, 5, 'counted anew from where it went back to');
  pace.reset();
  assert.equal(pace.fps, null);
});
