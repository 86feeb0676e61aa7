import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { LeadingPictures } from '../../src/ingest/leading_pictures.js';
import { Relief } from '../../src/ingest/relief.js';
import { suite } from '../support/suite.js';

const { test } = suite('relief');

interface Packet {
  readonly atMs: number;
  readonly isKey: boolean;
}

/** Groups of pictures of one length at ten pictures a second. */
function stream(groups: number, picturesOfGroup: number): Packet[] {
  return Array.from({ length: groups * picturesOfGroup }, (_, i) => ({
    atMs: i * 100,
    isKey: i % picturesOfGroup === 0,
  }));
}

/** Whether each packet is decoded. */
function decodes(packets: readonly Packet[], shareAt: (index: number) => number): boolean[] {
  const leading = new LeadingPictures();
  return packets.map(({ atMs, isKey }, i) => !leading.leavesOut(atMs, isKey, shareAt(i)));
}

test('of each group of pictures the first are decoded, for their share of its time', () => {
  const decoded = decodes(stream(6, 20), () => 0.3);
  for (const group of [1, 2, 3, 4, 5]) {
    const one = decoded.slice(group * 20, group * 20 + 20);
    assert.deepEqual(
      one,
      one.map((_, i) => i < 6),
    );
  }
});

test('whatever the share does, no picture is decoded after one of its group was left out, and key frames always are', () => {
  const share = fc.double({ min: 0.05, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(share, { minLength: 40, maxLength: 200 }),
      fc.integer({ min: 4, max: 60 }),
      (shares, length) => {
        const packets = stream(Math.ceil(shares.length / length), length).slice(0, shares.length);
        let gap = false;
        for (const [i, isDecoded] of decodes(packets, (at) => shares[at] ?? 1).entries()) {
          if (packets[i]?.isKey) gap = false;
          assert.ok(!(packets[i]?.isKey && !isDecoded), `key frame ${i}`);
          assert.ok(!(isDecoded && gap), `picture ${i} refers to one that was left out`);
          if (!isDecoded) gap = true;
        }
      },
    ),
    { numRuns: 300, seed: 41 },
  );
});

test('of a stream of key frames alone a share of them is decoded', () => {
  const decoded = decodes(stream(200, 1), () => 0.25).slice(4);
  const share = decoded.filter(Boolean).length / decoded.length;
  assert.ok(share > 0.22 && share < 0.28, `${share}`);
});

test('a stream that is not shared, or whose key frames are too far apart to wait for, is decoded whole', () => {
  assert.ok(decodes(stream(5, 20), () => 1).every(Boolean));
  assert.ok(decodes(stream(3, 150), () => 0.2).every(Boolean));
  const leading = new LeadingPictures();
  assert.ok(!leading.leavesOut(null, false, 0.1), 'no times, no shares');
});

test('while frames are lost less is decoded, and all of it again soon after', () => {
  const relief = new Relief();
  let captured = 0;
  let lost = 0;
  const second = (lostShare: number) => {
    captured += 100;
    lost += 100 * lostShare;
    relief.told(captured, lost);
  };
  second(0.01);
  assert.equal(relief.share, 1, 'a frame now and then is no overload');
  for (let i = 0; i < 40; i++) second(0.5);
  assert.ok(relief.share > 0 && relief.share < 0.1, `${relief.share}`);
  let seconds = 0;
  for (; relief.share < 1; seconds++) second(0);
  assert.ok(seconds <= 15, `${seconds} seconds`);
});
