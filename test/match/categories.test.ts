import { strict as assert } from 'node:assert';
import { type CategoryPolicy, classifier } from '../../src/match/category_table.js';
import { suite } from '../support/suite.js';
import { ncicFile, ncicLine } from './ncic_lines.js';
import { importText, matcherOf, platesIn, policy, readOf, table } from './support.js';

const { test } = suite('hot-list categories');
const files = Object.keys(table.sources['ncic']?.files ?? {});
const codes = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 '];

test('each authorised category is reached from its NCIC file and code, and by its own name elsewhere [IV.A.3.a(1)] [IV.A.3.a(2)] [IV.A.3.a(3)] [IV.A.3.a(4)] [IV.A.3.a(5)] [IV.A.3.a(6)] [IV.A.3.a(7)]', () => {
  const ncic = classifier(table, policy, 'ncic');
  const expected = {
    vehicle: ['V', 'stolen_vehicle'],
    license_plate: ['P', 'stolen_plate'],
    wanted_person: ['W', 'warrant'],
    missing_person: ['M', 'missing_person'],
    protection_order: ['H', 'protective_order'],
  };
  for (const [file, [code, category]] of Object.entries(expected)) {
    assert.deepEqual(ncic(file, code as string), { kind: 'load', category }, file);
    assert.deepEqual(ncic(null, code as string), { kind: 'load', category }, code);
  }
  assert.deepEqual(ncic('missing_person', 'A'), { kind: 'load', category: 'amber_alert' });
  const other = classifier(table, policy, 'city');
  const inFiles = policy.authorised.filter((category) => !policy.byHand.includes(category));
  for (const category of inFiles) assert.deepEqual(other(null, category), { kind: 'load', category });
});

test("the department's own list comes from no file, whatever the file, the table or a mapping calls it [IV.A.3.a(8)] [IV.A.7.c] [IV.A.7.d]", async () => {
  assert.deepEqual(policy.byHand, ['department_hot_list']);
  const mapped: CategoryPolicy = { ...policy, mapped: { 'ncic:F': 'department_hot_list' } };
  assert.deepEqual(classifier(table, mapped, 'ncic')(null, 'F'), { kind: 'by_hand' });
  const text = 'plate,state,category\n1ZZZ11,MA,department_hot_list\n2YYY22,MA,stolen_vehicle\n';
  const { report, snapshot } = await importText({ text });
  assert.deepEqual(report.rejects, [[2, 'category_by_hand']]);
  assert.deepEqual(platesIn(snapshot), ['2YYY22']);
});

test('each prohibited category is dropped, whether its file or its code says so [IV.A.3.b(1)] [IV.A.3.b(2)] [IV.A.3.b(3)] [IV.A.3.b(4)] [IV.A.3.b(5)] [IV.A.3.b(6)] [IV.A.3.b(7)]', () => {
  const ncic = classifier(table, policy, 'ncic');
  const byCode = Object.fromEntries([...'XTRNLKC'].map((code) => [code, ncic(null, code)]));
  assert.deepEqual(
    Object.values(byCode)
      .map((verdict) => verdict.kind === 'drop' && verdict.category)
      .sort(),
    [...policy.prohibited].sort(),
  );
  const prohibitedFiles = files.filter((file) => 'prohibited' in (table.sources['ncic']?.files[file] ?? {}));
  assert.equal(prohibitedFiles.length, 7);
  for (const file of prohibitedFiles)
    for (const code of codes) assert.equal(ncic(file, code).kind, 'drop', `${file} ${code}`);
  for (const file of files)
    for (const code of 'XTRNLKC') assert.equal(ncic(file, code).kind, 'drop', `${file} ${code}`);
});

test('what is in neither list is refused, not guessed: an ERPO, a boat, a felony that nobody mapped [IV.A.3]', () => {
  const ncic = classifier(table, policy, 'ncic');
  for (const code of codes) assert.notEqual(ncic('extreme_risk_protection_order', code).kind, 'load', code);
  for (const code of ['F', 'B', '', 'constructor', '__proto__'])
    assert.deepEqual(ncic(null, code), { kind: 'unknown' });
  assert.deepEqual(ncic('no_such_file', 'V'), { kind: 'unknown' });
  const mapped: CategoryPolicy = { ...policy, mapped: { 'ncic:F': 'warrant', 'ncic:X': 'warrant' } };
  const byDecision = classifier(table, mapped, 'ncic');
  assert.deepEqual(byDecision(null, 'F'), { kind: 'load', category: 'warrant' });
  assert.deepEqual(byDecision(null, 'X'), { kind: 'drop', category: 'sex_offender' }, 'no mapping lifts a prohibition');
});

/** 13 files x every code x reads: about 10^4 deliveries looked at in CI, 10^6 reads in the long run. */
const allReads = process.env['PLATESTREAM_LONG'] === '1' ? 1_000_000 : 15_000;
const readsPerPair = Math.ceil(allReads / (files.length * codes.length));

test(
  'generated reads x 13 NCIC files x every code: nothing of a prohibited category is ever matched [IV.A.3.b]',
  async () => {
    assert.equal(files.length, 13);
    let [delivered, reads] = [0, 0];
    for (const file of files) {
      const plateOf = (code: string, i: number) =>
        `${code.trim() || '_'}${i.toString(36).toUpperCase()}`.replace('_', '9Z9');
      const lines = codes.flatMap((code) =>
        Array.from({ length: readsPerPair }, (_, i) => ncicLine({ code, plate: plateOf(code, i), state: 'MA' })),
      );
      const rules = { fileId: file };
      const { report, snapshot } = await importText(
        { text: ncicFile(lines), format: 'ncic', source: 'ncic' },
        { rules },
      );
      const { matcher } = matcherOf([], { ocrSubstitutions: 0 });
      if (snapshot) matcher.use(snapshot);
      for (const code of codes) {
        for (let i = 0; i < readsPerPair; i++) {
          reads += 1;
          for (const { entry } of matcher.match(readOf(plateOf(code, i), 'MA')).matches) {
            delivered += 1;
            assert.ok(policy.authorised.includes(entry.category), `${file} ${code}: ${entry.category}`);
          }
        }
      }
      assert.equal(platesIn(snapshot).length, report.kept);
    }
    assert.ok(reads >= 13 * codes.length && delivered > 0);
  },
  { timeoutMs: 600_000 },
);
