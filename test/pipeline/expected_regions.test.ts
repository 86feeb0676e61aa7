import { strict as assert } from 'node:assert';
import { isWithin, regionOf } from '../../src/data/region.js';
import { slotLayout } from '../../src/data/slot_layout.js';
import { loadModelsFor } from '../../src/pipeline/expected_regions.js';
import type { Models } from '../../src/pipeline/models.js';
import type { Network } from '../../src/pipeline/worker/engine.js';
import { createReader } from '../../src/pipeline/worker/reader.js';
import { suite } from '../support/suite.js';

const { test } = suite('expected regions');

test('a region means one place: Delaware and Germany are apart, a country holds its states', () => {
  assert.deepEqual(['DE', 'DEU', 'MA', 'GB'].map(regionOf), ['US-DE', 'DE', 'US-MA', 'GB']);
  assert.ok(isWithin('US-MA', 'US') && !isWithin('US-MA', 'US-M') && !isWithin('DE', 'US-DE'));
});

test('every class of the reader is a region of its own', () => {
  const models = loadModelsFor(undefined);
  assert.ok(models.ok);
  const regions = models.value.manifest.reader.states.map(regionOf);
  assert.equal(new Set(regions).size, regions.length);
  for (const region of regions) assert.match(region, /^[A-Z]{2}(-[A-Z]{2})?$/);
});

test('expected regions weigh more, none is ruled out; a region nobody knows is refused with those there are', () => {
  const models = loadModelsFor(undefined, ['US-MA', 'DE']);
  assert.ok(models.ok);
  const { states, stateWeights = [] } = models.value.manifest.reader;
  const heavy = states.filter((_, i) => stateWeights[i] !== 1);
  assert.deepEqual(heavy.sort(), ['DEU', 'MA']);
  assert.ok(stateWeights.every((weight) => weight >= 1));
  const refused = loadModelsFor(undefined, ['US', 'XX']);
  assert.ok(!refused.ok && /^region XX: .*US-MA/.test(refused.error), JSON.stringify(refused));
});

/** A network that saw A, C, B or 8, 1, 2, 3, 4 on a plate of Ohio or Denmark, each as likely as the other. */
function openBetween({ reader }: Models['manifest']): Network {
  const columns = ['A', 'C', 'B8', '1', '2', '3', '4'].map((seen) =>
    [...reader.alphabet].map((character) => (seen.includes(character) ? 1 / seen.length : 0)),
  );
  const states = reader.states.map((state) => (state === 'OH' || state === 'DK' ? 0.5 : 0));
  return {
    run: async () => ({
      [reader.outputs.chars]: {
        shape: [1, columns.length, reader.alphabet.length],
        values: Float32Array.from(columns.flat()),
      },
      [reader.outputs.state]: { shape: [1, states.length], values: Float32Array.from(states) },
    }),
  } as unknown as Network;
}

test('where the picture leaves the state open, what is expected decides between a letter and a digit', async () => {
  const layout = slotLayout(320, 192, { width: 320, height: 192 });
  const box = { x: 100, y: 80, width: 90, height: 45 };
  for (const [region, text] of [
    ['US-OH', 'ACB1234'],
    ['DK', 'AC81234'],
  ] as const) {
    const models = loadModelsFor(undefined, [region]);
    assert.ok(models.ok);
    const read = createReader(openBetween(models.value.manifest), models.value.manifest.reader);
    const { candidates } = await read(new Uint8Array(layout.bytes), layout, [{ box, score: 0.9 }], []);
    assert.equal(candidates[0]?.alternatives[0]?.text, text, region);
    assert.equal(regionOf(candidates[0]?.state?.code ?? ''), region);
  }
});
