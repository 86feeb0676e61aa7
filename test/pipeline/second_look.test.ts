import { strict as assert } from 'node:assert';
import { type Look, lookEverywhere } from '../../src/data/look.js';
import type { SlotLayout } from '../../src/data/slot_layout.js';
import type { Detect, Found } from '../../src/pipeline/worker/detector.js';
import { lookingTwice } from '../../src/pipeline/worker/second_look.js';
import { suite } from '../support/suite.js';

const { test } = suite('second look');

const layout = { width: 1280, height: 720, thumbScale: 0.5 } as SlotLayout;
const loose = { x: 286, y: 321, width: 164, height: 67 };
const tight = { x: 315, y: 328, width: 92, height: 46 };

/** Finds `first` in the whole picture and `again` in a part of it. */
function detector(first: readonly Found[], again: readonly Found[]) {
  const looks: Look[] = [];
  const detect: Detect = async (_slot, _layout, look) => {
    looks.push(look);
    return look.search === 'regions' ? [...again] : [...first];
  };
  return { looks, find: () => lookingTwice(detect)(new Uint8Array(), layout, lookEverywhere, []) };
}

test('a small plate takes the box of the closer look, keeps its score and is read in both boxes', async () => {
  const { find, looks } = detector([{ box: loose, score: 0.52 }], [{ box: tight, score: 0.9 }]);
  assert.deepEqual(await find(), [{ box: tight, score: 0.52, firstBox: loose }]);
  const around = looks[1]?.regions[0];
  assert.ok(around && around.box.x < loose.x && around.box.x + around.box.width > loose.x + loose.width);
  assert.ok(around.plateWidth < loose.width, 'at a finer scale');
});

test('nothing is lost and nothing found anew: what is elsewhere, or not there again, changes nothing', async () => {
  const elsewhere = { x: 900, y: 100, width: 80, height: 40 };
  for (const again of [[], [{ box: elsewhere, score: 0.99 }]]) {
    assert.deepEqual(await detector([{ box: loose, score: 0.52 }], again).find(), [{ box: loose, score: 0.52 }]);
  }
});

test('a plate that is large in the picture is looked at once', async () => {
  const wide = { x: 0, y: 0, width: 300, height: 120 };
  const { find, looks } = detector([{ box: wide, score: 0.8 }], [{ box: tight, score: 0.9 }]);
  assert.deepEqual(await find(), [{ box: wide, score: 0.8 }]);
  assert.equal(looks.length, 1);
});
