import { strict as assert } from 'node:assert';
import type { Candidate } from '../../src/data/candidate.js';
import type { Frame } from '../../src/data/frame.js';
import type { CameraId } from '../../src/data/ids.js';
import { Tracker } from '../../src/track/tracker.js';
import { suite } from '../support/suite.js';

const { test } = suite('passes of a camera that cannot be looked at often enough');
const cameraId = 'cam' as CameraId;
const [vehicle, plate] = [new Uint8Array([1]), new Uint8Array([2])];

function frameAt(capturedAtMs: number): Frame {
  const size = { width: 1280, height: 720 };
  const clock = { captureClock: 'rtcp' as const, lateAtMs: null };
  return { cameraId, generation: 1, sequence: 0, capturedAtMs, slot: 0, motion: [], ...clock, ...size };
}

function candidate(confidence: number): Candidate {
  return {
    box: { x: 500, y: 400, width: 120, height: 40 },
    score: 0.9,
    alternatives: [{ text: '7ABC12', confidence }],
    characterConfidences: [...'7ABC12'].map(() => confidence ** (1 / 6)),
    state: null,
    sharpness: 1,
  } as unknown as Candidate;
}

function sees(tracker: Tracker, atMs: number, confidence: number): string[] {
  const frame = frameAt(atMs);
  for (const best of tracker.observe(frame, [candidate(confidence)]))
    tracker.keepEvidence(best, frame, { vehicle, plate });
  return tracker.due(atMs).map(({ stage }) => stage);
}

const tracker = () => new Tracker({ cameraId, run: 'run', model: 'model' });

test('one frame waits for a second one, or is told when frames are left out, once', () => {
  const one = tracker();
  assert.deepEqual(sees(one, 1_000, 0.7), []);
  assert.ok(one.isUndecided(), 'another frame of it is worth more than others');
  assert.deepEqual(one.due(1_900), []);
  assert.deepEqual(one.interrupted(1_500), [], 'seen a moment ago');
  assert.deepEqual(
    one.interrupted(1_900).map(({ stage, read }) => [stage, read.plate]),
    [['final', '7ABC12']],
  );
  assert.deepEqual(one.interrupted(2_000), [], 'once');
  assert.deepEqual(sees(one, 2_100, 0.7), [], 'seen again, it is the same pass');
  assert.deepEqual(one.due(20_000), [], 'and was told');
});

test('who has been told early is refined as ever, whatever is left out', () => {
  const one = tracker();
  sees(one, 1_000, 0.9);
  assert.deepEqual(sees(one, 1_100, 0.9), ['early']);
  assert.ok(!one.isUndecided());
  assert.deepEqual(one.interrupted(3_000), []);
  assert.deepEqual(
    one.due(20_000).map(({ stage }) => stage),
    ['final'],
  );
});
