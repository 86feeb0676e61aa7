import { strict as assert } from 'node:assert';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { ImportReport } from '../../src/match/import/report.js';
import { suite } from '../support/suite.js';
import { ncicFile, ncicLine } from './ncic_lines.js';
import { importText, platesIn, policy } from './support.js';

const { test } = suite('hot-list import');

function assertBalanced({ rows, kept, duplicates, dropped, rejected }: ImportReport): void {
  const droppedRows = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  assert.equal(rows, kept + duplicates + droppedRows + rejected);
}

test('the NCIC extract: fixed columns, states with digit zero, counts that balance [III.M]', async () => {
  const lines = [
    ncicLine({ code: 'V', plate: '1ZZZ11', state: '0H', make: 'FORD', model: 'F15', colour: 'RED' }),
    ncicLine({ code: 'P', plate: '2YY 222', state: 'MA' }),
    ncicLine({ code: 'P', plate: '2YY 222', state: 'MA' }),
    ncicLine({ code: 'N', plate: '3XXX33', state: 'MA' }),
    ncicLine({ code: 'F', plate: '4WWW44', state: 'MA' }),
    'V short',
    '',
  ];
  const { report, snapshot } = await importText({
    text: ncicFile(lines, '20260101 0630'),
    format: 'ncic',
    source: 'ncic',
  });
  assert.equal(report.outcome, 'loaded');
  assertBalanced(report);
  assert.deepEqual([report.rows, report.kept, report.duplicates, report.rejected], [6, 2, 1, 2]);
  assert.deepEqual(report.dropped, { immigration: 1 });
  assert.deepEqual(report.rejects, [
    [6, 'category_unknown'],
    [7, 'line_too_short'],
  ]);
  assert.equal(report.statesNormalised, 1);
  assert.equal(report.compiledAtMs, Date.UTC(2026, 0, 1, 6, 30));
  assert.deepEqual(platesIn(snapshot), ['1ZZZ11', '2YY222']);
});

test('CSV by its usual names, by a mapping, with quotes, a comment, a byte-order mark; JSON Lines the same', async () => {
  const csv =
    '\uFEFFplate,state,category,reason\n# nothing\n"1ZZZ11",MA,stolen_vehicle,"a, ""b"""\r\n2YYY22,NY,warrant,x';
  const mapped = 'TAG;x,ST,KIND\n';
  assert.deepEqual(platesIn((await importText({ text: csv })).snapshot), ['1ZZZ11', '2YYY22']);
  const names = { columns: { plate: 'TAG', code: 'KIND', state: 'ST' } };
  const tags = await importText({ text: 'TAG,ST,KIND\n1ZZZ11,MA,stolen_plate\n' }, { rules: names });
  assert.deepEqual(platesIn(tags.snapshot), ['1ZZZ11']);
  const absent = await importText({ text: mapped }, { rules: names });
  assert.match(absent.report.refusal?.sentence ?? '', /no column "TAG"/);
  const json = [
    { plate: '1zzz-11', state: 'M0', category: 'warrant', year: 2019 },
    ['no'],
    { plate: {}, category: 'warrant' },
  ];
  const { report, snapshot } = await importText({
    text: json.map((o) => JSON.stringify(o)).join('\n'),
    format: 'jsonl',
  });
  assert.deepEqual(platesIn(snapshot), ['1ZZZ11']);
  assert.deepEqual(report.rejectedByReason, { not_json: 1, not_text: 1 });
});

test('gzip is seen by itself; a file that breaks off is refused whole', async () => {
  const text = 'plate,category\n1ZZZ11,stolen_vehicle\n';
  const packed = gzipSync(text);
  assert.deepEqual(platesIn((await importText({ text: packed })).snapshot), ['1ZZZ11']);
  const cut = await importText({ text: packed.subarray(0, packed.length - 12) });
  assert.deepEqual([cut.report.refusal?.code, cut.snapshot], ['UNREADABLE', null]);
});

test('too many rejected lines: refused whole, naming a line and never its content', async () => {
  const text = 'plate,category\n!!secret!!,stolen_vehicle\n1ZZZ11,stolen_vehicle\n';
  const { report, snapshot } = await importText({ text }, { rules: { rejectedShareMax: 0.02 } });
  assert.equal(snapshot, null);
  assert.equal(report.refusal?.code, 'TOO_MANY_REJECTED');
  assert.match(report.refusal?.sentence ?? '', /line 2, not_a_plate/);
  assert.ok(!JSON.stringify(report).includes('secret'));
});

test('a line longer than the cap is one rejected line, whatever its length, and is not kept', async () => {
  const text = `plate,category\n${'A'.repeat(10_000_000)}\n1ZZZ11,stolen_vehicle\n`;
  const { report, snapshot } = await importText({ text });
  assert.deepEqual(report.rejects, [[2, 'line_too_long']]);
  assert.deepEqual(platesIn(snapshot), ['1ZZZ11']);
});

test('an older copy is refused, by its date and, when that is forged, by its digest [III.M]', async () => {
  const file = (plate: string) => `plate,category\n${plate},stolen_vehicle\n`;
  const first = await importText({ text: file('1ZZZ11') }, { compiledAtMs: 1000 });
  const second = await importText(
    { text: file('2YYY22') },
    { compiledAtMs: 2000 },
    { current: first.snapshot, earlier: [first.report.sha256] },
  );
  const basis = { current: second.snapshot, earlier: [first.report.sha256, second.report.sha256] };
  assert.deepEqual(platesIn(second.snapshot), ['2YYY22']);
  const byDate = await importText({ text: file('3XXX33') }, { compiledAtMs: 1999 }, basis);
  const byDigest = await importText({ text: file('1ZZZ11') }, { compiledAtMs: 3000 }, basis);
  assert.deepEqual(
    [byDate, byDigest].map(({ report }) => report.refusal?.code),
    ['OLDER_COPY', 'OLDER_COPY'],
  );
  const same = await importText({ text: file('2YYY22') }, { compiledAtMs: 2000 }, basis);
  assert.equal(same.report.outcome, 'unchanged');
  const future = await importText({ text: file('4WWW44') }, { compiledAtMs: Date.UTC(2027, 0, 1) }, basis);
  assert.equal(future.report.refusal?.code, 'FROM_THE_FUTURE');
});

test('a row count that moves too far needs an approval by name, which is kept', async () => {
  const file = (count: number) =>
    `plate,category\n${Array.from({ length: count }, (_, i) => `Z${count}${i},stolen_vehicle`).join('\n')}`;
  const first = await importText({ text: file(10) });
  const basis = { current: first.snapshot, earlier: [] };
  const rules = { countMoveMax: 0.2 };
  for (const [count, outcome] of [
    [8, 'loaded'],
    [12, 'loaded'],
    [7, 'refused'],
    [13, 'refused'],
    [0, 'refused'],
  ] as const)
    assert.equal((await importText({ text: file(count) }, { rules }, basis)).report.outcome, outcome, `${count} rows`);
  const approved = await importText({ text: file(30) }, { rules, approvedBy: 'Somebody: new county' }, basis);
  assert.deepEqual([approved.report.outcome, approved.report.approvedBy], ['loaded', 'Somebody: new county']);
});

test('a source with a key is loaded only when its signature is right', async () => {
  const text = 'plate,category\n1ZZZ11,stolen_vehicle\n';
  const wrong = await importText({ text }, { isSigned: () => false });
  const right = await importText({ text }, { isSigned: (sha256) => sha256.length === 64 });
  assert.deepEqual([wrong.report.refusal?.code, right.report.signed], ['SIGNATURE_INVALID', true]);
});

test('other sources stay as they were; a new copy of one replaces all of it', async () => {
  const one = await importText({ text: 'plate,category\n1ZZZ11,warrant\n', source: 'one' });
  const basis = { current: one.snapshot, earlier: [] };
  const two = await importText({ text: 'plate,category\n2YYY22,warrant\n', source: 'two' }, {}, basis);
  const again = { current: two.snapshot, earlier: [] };
  const { snapshot } = await importText({ text: 'plate,category\n3XXX33,warrant\n', source: 'one' }, {}, again);
  assert.deepEqual(platesIn(snapshot), ['2YYY22', '3XXX33']);
  assert.deepEqual(
    snapshot?.header.sources.map(({ name, kept }) => [name, kept]),
    [
      ['two', 1],
      ['one', 1],
    ],
  );
});

test('an exception loads its category and no other; without it the same file gives nothing of it [IV.A.4]', async () => {
  const text = 'plate,category\n1ZZZ11,gang_or_terrorist\n2YYY22,sex_offender\n3XXX33,warrant\n';
  const without = await importText({ text });
  assert.deepEqual(platesIn(without.snapshot), ['3XXX33']);
  const excepted = { ...policy, excepted: ['gang_or_terrorist'] };
  const basis = { current: without.snapshot, earlier: [without.report.sha256] };
  const { report, snapshot } = await importText({ text }, { policy: excepted }, basis);
  assert.deepEqual(platesIn(snapshot), ['1ZZZ11', '3XXX33']);
  assert.deepEqual(report.dropped, { sex_offender: 1 });
});

/** A few thousand in CI, 10^6 in the long run. */
const long = process.env['PLATESTREAM_LONG'] === '1';
const runs = long ? 1_000_000 : 3000;

test(
  'fuzzed files: nothing throws, every row is accounted for, and only plates come in',
  async () => {
    const line = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        'plate,category',
        '{"plate":"1ZZZ11","category":"warrant"}',
        '"',
        ',,,',
        '{',
        '\u0000',
        '1ZZZ11,warrant',
      ),
      fc
        .record({
          code: fc.constantFrom(...'VPWHMAXTRNLKCFB0'),
          plate: fc.string({ maxLength: 10 }),
          state: fc.string({ maxLength: 2 }),
        })
        .map(ncicLine),
    );
    const file = fc.array(line, { maxLength: 30 }).map((lines) => Buffer.from(lines.join('\n')));
    const bytes = fc.oneof(
      file,
      fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw)),
      file.map((raw) => gzipSync(raw, { level: 1 })),
    );
    let done = 0;
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom('ncic', 'csv', 'jsonl'), async (text, format) => {
        done += 1;
        if (long && done % 10_000 === 0) process.stdout.write(`${done} of ${runs} files\n`);
        const { report, snapshot } = await importText({ text, format: format as 'ncic', source: 'ncic' });
        assertBalanced(report);
        assert.ok(platesIn(snapshot).every((plate) => /^[A-Z0-9]{1,10}$/.test(plate)));
        assert.equal(snapshot?.header.entries ?? 0, report.outcome === 'loaded' ? report.kept : 0);
      }),
      { numRuns: runs },
    );
  },
  { timeoutMs: runs * 20 + 60_000 },
);
