import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { Manifest } from '../../src/pipeline/models.js';
import { beamSearch } from '../../src/pipeline/worker/beam_search.js';
import { decodeText } from '../../src/pipeline/worker/text.js';
import { suite } from '../support/suite.js';

const { test } = suite('plate text');

const alphabet = '-0AB';

/** Columns of probabilities, each adding up to 1. */
const columns = (steps: number) =>
  fc
    .array(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: alphabet.length, maxLength: alphabet.length }), {
      minLength: steps,
      maxLength: steps,
    })
    .map((rows) => rows.map((row) => row.map((x) => x / row.reduce((a, b) => a + b))));

/** Sum over every alignment: what the beam search must find when nothing is cut. */
function everyText(rows: readonly (readonly number[])[]): Map<string, number> {
  let paths: { path: number[]; p: number }[] = [{ path: [], p: 1 }];
  for (const row of rows) paths = paths.flatMap(({ path, p }) => row.map((x, k) => ({ path: [...path, k], p: p * x })));
  const texts = new Map<string, number>();
  for (const { path, p } of paths) {
    const text = path
      .filter((k, i) => k !== 0 && k !== path[i - 1])
      .map((k) => alphabet[k])
      .join('');
    texts.set(text, (texts.get(text) ?? 0) + p);
  }
  return texts;
}

test('the likeliest text of a beam search is that of the sum over every alignment', () => {
  fc.assert(
    fc.property(columns(3), (rows) => {
      const found = beamSearch(Float32Array.from(rows.flat()), 0, 3, alphabet);
      const wanted = everyText(rows);
      for (const [text, p] of found) assert.ok(p <= (wanted.get(text) ?? 0) + 1e-5, text);
      const best = [...wanted.values()].sort((a, b) => b - a)[0] as number;
      assert.ok(Math.abs(Math.max(...found.values()) - best) < 0.02);
    }),
    { numRuns: 200 },
  );
});

test('the same character twice needs a blank between', () => {
  const [blank, a] = [
    [0.98, 0, 0.02, 0],
    [0.02, 0, 0.98, 0],
  ] as const;
  const best = (...rows: (readonly number[])[]) =>
    [...beamSearch(Float32Array.from(rows.flat()), 0, rows.length, alphabet)].sort(([, x], [, y]) => y - x)[0]?.[0];
  assert.equal(best(a, a, blank), 'A');
  assert.equal(best(a, blank, a), 'AA');
  assert.equal(best(blank, blank), '');
});

const manifest = {
  alphabet: '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  states: ['MO', 'TX'],
  layouts: { MO: { AA9A9A: 1 }, TX: { AAA9999: 1 } },
  layoutPrior: { weight: 1, vanity: 0.1 },
  twinGlyphs: {},
  calibration: { oneFraming: { a: 1, b: 0, c: 0 }, severalFramings: { a: 1, b: 0, c: 0 } },
} as unknown as Manifest['reader'];

const beams = new Map([
  ['SHOR7X', 0.6],
  ['SH0R7X', 0.39],
  ['', 0.01],
]);

test('the layout of the state decides between a zero and an O; each character has its own confidence [III.O]', () => {
  const { alternatives, characterConfidences } = decodeText([beams], Float32Array.of(0.9, 0.1), manifest);
  assert.deepEqual(
    alternatives.map(({ text }) => text),
    ['SH0R7X', 'SHOR7X'],
  );
  assert.equal(characterConfidences.length, 6);
  assert.ok((characterConfidences[2] as number) < (characterConfidences[0] as number));
});

test('what the picture says clearly is kept whatever the layouts: a vanity plate is read as it stands', () => {
  const vanity = new Map([
    ['SHOR7X', 0.9995],
    ['SH0R7X', 0.0005],
  ]);
  const { alternatives } = decodeText([vanity], Float32Array.of(0.9, 0.1), manifest);
  assert.equal(alternatives[0]?.text, 'SHOR7X');
});

test('framings are averaged, and confidence never exceeds what the beams cover', () => {
  const other = new Map([['SH0R7X', 0.2]]);
  const flat = { ...manifest, layoutPrior: { weight: 0, vanity: 1 } };
  const { alternatives } = decodeText([beams, other], Float32Array.of(0.5, 0.5), flat);
  assert.equal(alternatives[0]?.text, 'SHOR7X');
  const covered = 0.6;
  for (const { confidence } of alternatives) assert.ok(confidence <= covered / (1 + covered) + 1e-9);
});

test('a sure text may be called almost certain, and how sure a text is depends on whether it was seen once or in several framings', () => {
  const calibration = { oneFraming: { a: 1, b: 0, c: 1 }, severalFramings: { a: 1, b: 2, c: 1 } };
  const flat = { ...manifest, calibration, layoutPrior: { weight: 0, vanity: 1 } };
  const confidence = (p: number, framings: number) => {
    const seen = new Map([
      ['SHOR7X', p],
      ['SH0R7X', 1 - p],
    ]);
    return decodeText(Array(framings).fill(seen), Float32Array.of(0.5, 0.5), flat).alternatives[0]?.confidence ?? 0;
  };
  assert.ok(Math.abs(confidence(0.9, 1) - 0.9) < 1e-6, 'a = c = 1, b = 0 leaves a probability as it is');
  assert.ok(confidence(0.99999, 1) > 0.99 && confidence(1, 1) < 1);
  assert.ok(confidence(0.9, 3) > confidence(0.9, 1));
  fc.assert(
    fc.property(fc.double({ min: 0.5, max: 1, noNaN: true }), fc.double({ min: 0.5, max: 1, noNaN: true }), (p, q) => {
      assert.ok(confidence(Math.max(p, q), 1) >= confidence(Math.min(p, q), 1) - 1e-9, 'monotone');
    }),
  );
});

test('nothing legible is no text at all', () => {
  const { alternatives } = decodeText([new Map([['', 1]])], Float32Array.of(1, 0), manifest);
  assert.deepEqual(alternatives, []);
});

test('characters that a jurisdiction draws alike are told apart by its layouts alone, and only where it may be that jurisdiction', () => {
  const british = {
    ...manifest,
    states: ['GB', 'MO'],
    layouts: { GB: { AA99AAA: 0.9, A999AAA: 0.1 }, MO: { AA9A9A: 1 } },
    twinGlyphs: { GB: ['1I', '0O'] },
  } as unknown as Manifest['reader'];
  const textOf = (seen: string, states: Float32Array) =>
    decodeText([new Map([[seen, 0.99]])], states, british).alternatives[0]?.text;
  assert.equal(textOf('ABI2CDE', Float32Array.of(0.1, 0.9)), 'AB12CDE');
  assert.equal(textOf('A8OI23E', Float32Array.of(0.9, 0.1)), 'A8OI23E', 'no layout fits');
  assert.equal(textOf('ABI2CDE', Float32Array.of(0.001, 0.999)), 'ABI2CDE');
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Z]{2}[0-9]{2}[A-Z]{3}$/), (plate) => {
      assert.equal(textOf(plate, Float32Array.of(0.9, 0.1)), plate, 'what fits stays as it is');
    }),
  );
});
