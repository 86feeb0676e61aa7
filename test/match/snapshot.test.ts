import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isSignedBy, newSigningKey } from '../../src/ledger/signing_key.js';
import { packFirst, packRest, unpackPlate } from '../../src/match/plate.js';
import { readSnapshot, seal, writeSnapshot } from '../../src/match/snapshot/file.js';
import type { Snapshot } from '../../src/match/snapshot/snapshot.js';
import { suite } from '../support/suite.js';
import { entry, platesIn, snapshotOf } from './support.js';

const { test, after } = suite('hot-list snapshot');
const folder = mkdtempSync(join(tmpdir(), 'platestream-snapshot-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const plates = fc.stringMatching(/^[A-Z0-9]{1,10}$/);
const has = (snapshot: Snapshot, plate: string) => snapshot.bloom.mayHave(packFirst(plate), packRest(plate));
const entriesOf = (snapshot: Snapshot, plate: string) => snapshot.entriesOf(packFirst(plate), packRest(plate));

test('a plate packs into two numbers and back; different plates pack differently', () => {
  fc.assert(
    fc.property(plates, plates, (a, b) => {
      assert.equal(unpackPlate(packFirst(a), packRest(a)), a);
      assert.equal(packFirst(a) === packFirst(b) && packRest(a) === packRest(b), a === b);
    }),
  );
  for (const text of ['', 'ABCDEFGHIJK', 'A-B', 'ä', 'abc']) {
    const packed = [packFirst(text), packRest(text)];
    assert.ok(text === '' || packed.includes(-1), text);
  }
});

test('a snapshot holds exactly its entries, whole; its filter denies none of them', () => {
  const vehicle = fc.option(
    fc.record(
      { make: fc.string({ maxLength: 8 }), year: fc.integer({ min: 1900, max: 2100 }) },
      { noNullPrototype: true },
    ),
  );
  const some = fc.record({
    plate: plates,
    state: fc.constantFrom('MA', 'NY', null),
    vehicle,
    reason: fc.option(fc.string()),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(some, { maxLength: 200, selector: ({ plate, state }) => `${plate} ${state}` }),
      (rows) => {
        const entries = rows.map((row, i) => entry(row.plate, { ...row, entryId: `e${i}` }));
        const snapshot = snapshotOf(entries);
        assert.equal(snapshot.header.entries, entries.length);
        for (const one of entries) {
          assert.ok(has(snapshot, one.plate));
          assert.deepEqual(
            entriesOf(snapshot, one.plate).find(({ entryId }) => entryId === one.entryId),
            one,
          );
        }
      },
    ),
  );
});

test('the same row twice is one entry', () => {
  assert.equal(snapshotOf([entry('1ZZZ11'), entry('1ZZZ11'), entry('1ZZZ11', { state: 'NY' })]).header.entries, 2);
});

test('the filter takes two bytes an entry and claims at most 0.1 % of the plates it does not hold', () => {
  const count = 200_000;
  const plate = (lead: string, i: number) => `${lead}${(i * 2_654_435_761) % 0x1_0000_0000}`.slice(0, 10);
  const snapshot = snapshotOf(Array.from({ length: count }, (_, i) => entry(plate('H', i), { entryId: 'x' })));
  const [, bytes] = snapshot.header.sections.bloom;
  assert.ok(bytes / snapshot.header.entries <= 2.001, `${bytes / count} bytes an entry`);
  let wrong = 0;
  for (let i = 0; i < 1_000_000; i++) if (has(snapshot, plate('N', i))) wrong += 1;
  assert.ok(wrong / 1_000_000 <= 0.001, `false positives ${wrong / 1_000_000}`);
});

test('10^6 plates that are on no list: whatever the filter claims, no entry is found [III.A]', () => {
  const snapshot = snapshotOf(Array.from({ length: 20_000 }, (_, i) => entry(`H${i}`)));
  let claimed = 0;
  for (let i = 0; i < 1_000_000; i++) {
    const plate = `N${i}`;
    if (!has(snapshot, plate)) continue;
    claimed += 1;
    assert.deepEqual(entriesOf(snapshot, plate), []);
  }
  assert.ok(claimed > 0);
});

test('a snapshot comes back from disk only whole and signed by the right key: any changed byte is refused', () => {
  const key = newSigningKey();
  const signedBy = (pem: string) => (text: string, signature: string) => isSignedBy(pem, text, signature);
  const file = join(folder, 'one.snapshot');
  const snapshot = snapshotOf([entry('1ZZZ11'), entry('2YYY22', { vehicle: { make: 'FORD' } })]);
  writeSnapshot(file, seal(snapshot, key.sign));
  const read = readSnapshot(file, signedBy(key.publicPem));
  assert.ok(read.ok);
  assert.deepEqual(read.value.header, snapshot.header);
  assert.ok(!readSnapshot(file, signedBy(newSigningKey().publicPem)).ok, 'another key');
  const whole = readFileSync(file);
  const used = new Set<number>();
  const { bodyBytes, sections } = snapshot.header;
  for (const [at, bytes] of Object.values(sections)) for (let i = at; i < at + bytes; i++) used.add(i);
  for (let i = 0; i < whole.length; i += i < 1024 ? 7 : 3) {
    const changed = Buffer.from(whole);
    changed[i] = (changed[i] as number) ^ 0x10;
    writeFileSync(file, changed);
    const answer = (() => {
      try {
        return readSnapshot(file, signedBy(key.publicPem)).ok;
      } catch {
        return false;
      }
    })();
    const isPadding = whole[i] === 0 && i < whole.length - bodyBytes;
    assert.equal(answer, isPadding, `byte ${i} of ${whole.length}`);
  }
  writeFileSync(file, whole.subarray(0, whole.length - 100));
  assert.ok(!readSnapshot(file, signedBy(key.publicPem)).ok, 'cut short');
});

test('a copy takes over the rows of other sources only', async () => {
  const { SnapshotBuilder } = await import('../../src/match/snapshot/builder.js');
  const { Snapshot: Opened } = await import('../../src/match/snapshot/snapshot.js');
  const both = snapshotOf([entry('1ZZZ11'), entry('2YYY22', { source: 'other', reason: 'r' })]);
  const builder = new SnapshotBuilder();
  assert.equal(
    builder.copy(both, ({ source }) => source !== 'test'),
    1,
  );
  const { header, body } = builder.finish(2, 0, () => []);
  const copy = new Opened(header, body);
  assert.deepEqual(platesIn(copy), ['2YYY22']);
  assert.deepEqual(entriesOf(copy, '2YYY22'), entriesOf(both, '2YYY22'));
});
