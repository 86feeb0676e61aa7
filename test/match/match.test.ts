import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { Read } from '../../src/data/read.js';
import { BloomFilter } from '../../src/match/bloom.js';
import { createHotList } from '../../src/match/hot_list.js';
import { type CategoryRule, importCsv } from '../../src/match/import/csv.js';
import { Matcher } from '../../src/match/matcher.js';
import { normalisePlate } from '../../src/match/plate.js';
import { hotListSettings } from '../../src/match/settings.js';
import { ManualClock } from '../../src/observe/clock.js';
import { suite } from '../support/suite.js';

const { test } = suite('hot list and matching');
const plates = fc.stringMatching(/^[A-Z0-9]{2,8}$/);
const ruleOf: CategoryRule = (category) =>
  category === 'stolen_vehicle' ? 'authorised' : category === 'immigration_violator' ? 'prohibited' : 'unknown';

test('the Bloom filter never denies a plate it holds, and rarely claims one it does not', () => {
  fc.assert(
    fc.property(fc.uniqueArray(plates, { minLength: 1, maxLength: 200 }), (held) => {
      const bloom = new BloomFilter(held.length);
      for (const plate of held) bloom.add(plate);
      assert.ok(held.every((plate) => bloom.mayHave(plate)));
    }),
  );
  const bloom = new BloomFilter(100_000);
  for (let i = 0; i < 100_000; i++) bloom.add(`H${i.toString(36).toUpperCase()}`);
  let wrong = 0;
  for (let i = 0; i < 200_000; i++) if (bloom.mayHave(`N${i.toString(36).toUpperCase()}`)) wrong += 1;
  assert.ok(wrong / 200_000 < 0.002, `false positives ${wrong / 200_000}`);
});

test('plates are compared without separators or case', () => {
  assert.equal(normalisePlate(' 1abc-23 '), '1ABC23');
  assert.equal(normalisePlate('TOO LONG TO BE A PLATE'), null);
  assert.equal(normalisePlate('<script>'), null);
});

test('a prohibited row is never loaded, only counted; an unknown category is refused, not guessed [IV.A.3.b]', () => {
  const text = 'plate,state,category\n1ZZZ11,MA,stolen_vehicle\n2ZZZ22,MA,immigration_violator\n3ZZZ33,MA,boat\n';
  const imported = importCsv(text, 'test', ruleOf, 1);
  assert.ok(imported.ok);
  assert.deepEqual(
    imported.value.entries.map((entry) => entry.plate),
    ['1ZZZ11'],
  );
  assert.equal(imported.value.prohibited, 1);
  assert.deepEqual(imported.value.rejected, [{ line: 4, reason: 'CATEGORY_UNKNOWN' }]);
});

test('a file with too many bad lines is refused as a whole, naming a line and never its content', () => {
  const imported = importCsv(
    'plate,category\n!!secret!!,stolen_vehicle\n1ZZZ11,stolen_vehicle\n',
    'test',
    ruleOf,
    0.02,
  );
  assert.ok(!imported.ok && imported.error.includes('line 2') && !imported.error.includes('secret'));
});

test('no input makes the importer throw, and every row is loaded, counted or rejected', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 }), { maxLength: 40 }), (lines) => {
      const rows = lines.map((line) => line.replace(/[\r\n]/g, ' '));
      const imported = importCsv(['plate,category', ...rows].join('\n'), 'fuzz', ruleOf, 1);
      assert.ok(imported.ok);
      const { entries, prohibited, rejected } = imported.value;
      assert.equal(
        entries.length + prohibited + rejected.length,
        rows.filter((row) => row.trim() !== '' && !row.startsWith('#')).length,
      );
    }),
    { numRuns: 2000 },
  );
});

function readOf(plate: string, state: string | null, alternatives = [{ text: plate, confidence: 0.9 }]): Read {
  const none = { vehicle: new Uint8Array(), plate: new Uint8Array(), vehicleSha256: '', plateSha256: '' };
  return { plate, state, alternatives, confidence: 0.9, evidence: none, cameraId: 'c', id: 'r' } as unknown as Read;
}

function matcherOf(clock: ManualClock) {
  const matcher = new Matcher(hotListSettings.parse({}), clock);
  const csv = importCsv('plate,state,category\n1ZZZ11,MA,stolen_vehicle\n', 'test', ruleOf, 0);
  assert.ok(csv.ok);
  matcher.use(createHotList(csv.value.entries, 1, clock.nowMs(), clock.nowMs()));
  return matcher;
}

test('a hit says whether the state agrees; a conflict is shown and counts against it [IV.A.8.a(1)]', () => {
  const matcher = matcherOf(new ManualClock());
  const agreeing = matcher.match(readOf('1ZZZ11', 'MA')).matches[0];
  const conflicting = matcher.match(readOf('1ZZZ11', 'NY')).matches[0];
  assert.equal(agreeing?.stateAgreement, 'agree');
  assert.equal(conflicting?.stateAgreement, 'conflict');
  assert.ok((conflicting?.chance ?? 1) < (agreeing?.chance ?? 0));
  assert.deepEqual(matcher.match(readOf('9YYY99', 'MA')).matches, []);
});

test('an alternative reading that is wanted is a possible match, an unlikely one is suppressed and counted', () => {
  const matcher = matcherOf(new ManualClock());
  const possible = matcher.match(
    readOf('1ZZZ1I', 'MA', [
      { text: '1ZZZ1I', confidence: 0.5 },
      { text: '1ZZZ11', confidence: 0.4 },
    ]),
  );
  assert.equal(possible.matches[0]?.kind, 'possible');
  const unlikely = matcher.match(
    readOf('1ZZZ1I', 'MA', [
      { text: '1ZZZ1I', confidence: 0.8 },
      { text: '1ZZZ11', confidence: 0.1 },
    ]),
  );
  assert.deepEqual(
    unlikely.suppressed.map((one) => one.reason),
    ['unlikely'],
  );
});

test('an old list is stale on every match and stops matching at its limit [III.M]', () => {
  const clock = new ManualClock();
  const matcher = matcherOf(clock);
  clock.advance(25 * 3_600_000);
  assert.equal(matcher.match(readOf('1ZZZ11', 'MA')).matches[0]?.stale, true);
  clock.advance(48 * 3_600_000);
  const late = matcher.match(readOf('1ZZZ11', 'MA'));
  assert.deepEqual([late.matches.length, late.suppressed[0]?.reason], [0, 'list_expired']);
});
