import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { clipNames, clipPath, clipTruth, demoHotListPath } from '../../../src/simulator/scenes/clips.js';
import { sceneSpecs } from '../../../src/simulator/scenes/scene_specs.js';
import type { SceneTruth } from '../../../src/simulator/scenes/truth.js';
import { suite } from '../../support/suite.js';
import { contrast, decodeLuma } from './decode.js';

const bytesMaxAll = 6 * 1024 * 1024;
const bytesMaxOne = 2 * 1024 * 1024;
/** Grey levels; a bare bumper has about 5, a plate's letters 15 and more. */
const contrastMin = 10;

const { test } = suite('street clips');

test('every scene has a clip, and together they are small enough to commit', () => {
  assert.equal([...clipNames].sort(), sceneSpecs.map((spec) => spec.name).sort());
  const sizes = clipNames.map((name) => statSync(clipPath(name)).size);
  for (const bytes of sizes) assert.ok(bytes < bytesMaxOne, `${bytes} bytes`);
  const folder = dirname(clipPath('demo-day'));
  const total = readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  assert.ok(total <= bytesMaxAll, `${total} bytes`);
});

for (const name of clipNames) {
  test(`${name} decodes to as many frames as its truth says, with letters wherever a plate should be`, () => {
    const truth = clipTruth(name);
    const weak: string[] = [];
    const frames = decodeLuma(clipPath(name), (frame, index) => {
      assert.equal([frame.width, frame.height], [truth.width, truth.height]);
      for (const pass of truth.passes) {
        const box = pass.boxes.find(([at]) => at === index);
        if (!box) continue;
        const [, x, y, width, height] = box;
        assert.ok(
          x >= 0 && y >= 0 && x + width <= truth.width && y + height <= truth.height,
          'the box is in the frame',
        );
        if (contrast(frame, [x, y, width, height]) < contrastMin) weak.push(`${pass.plate} at ${index}`);
      }
    });
    assert.equal(frames, truth.frames);
    assert.equal(weak, []);
  });
}

test('a pass is summed up by its own boxes', () => {
  for (const name of clipNames) {
    for (const pass of clipTruth(name).passes) {
      const widest = Math.max(...pass.boxes.map((box) => box[3]));
      assert.equal([pass.firstFrame, pass.lastFrame], [pass.boxes[0]![0], pass.boxes.at(-1)![0]]);
      assert.equal(pass.boxes.find(([frame]) => frame === pass.bestFrame)![3], widest);
      assert.match(pass.plate, /^[A-Z0-9]{2,8}$/);
    }
  }
});

test('the best frame of a car shows its plate 60 to 160 pixels wide', () => {
  for (const name of clipNames) {
    for (const pass of clipTruth(name).passes) {
      const width = pass.boxes.find(([frame]) => frame === pass.bestFrame)![3];
      const motorcycle = pass.plate.length === 5;
      assert.ok(width >= (motorcycle ? 50 : 60) && width <= 160, `${name} ${pass.plate}: ${width}`);
    }
  }
});

/** The share of frames that hold at least one whole plate. */
function shareWithPlate(truth: SceneTruth): number {
  const held = new Set(truth.passes.flatMap((pass) => pass.boxes.map(([frame]) => frame)));
  return held.size / truth.frames;
}

test('plate-100 holds a plate in every frame, plate-20 in every fifth, empty-road in none', () => {
  assert.is(shareWithPlate(clipTruth('plate-100')), 1);
  assert.is(shareWithPlate(clipTruth('plate-20')), 0.2);
  assert.is(shareWithPlate(clipTruth('empty-road')), 0);
});

test('the demo hot list names plates that drive through the demo clips and says that it is a demo', () => {
  const [header, ...rows] = readFileSync(demoHotListPath(), 'utf8').trim().split('\n');
  assert.match(header!, /^plate,state,category,source,reason/);
  for (const row of rows) assert.match(row, /^[A-Z0-9]+,[A-Z]{2},[a-z_]+,DEMO,DEMO entry/);
  const listed = new Set(rows.map((row) => row.split(',')[0]!));
  for (const name of ['demo-day', 'demo-night', 'demo-rain'] as const) {
    const passes = clipTruth(name).passes;
    assert.ok(
      passes.some((pass) => listed.has(pass.plate)),
      `${name} has a listed plate`,
    );
    assert.ok(
      passes.some((pass) => !listed.has(pass.plate)),
      `${name} has one that is not listed`,
    );
  }
});
