import { strict as assert } from 'node:assert';
import { hash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { openLedger } from '../../src/ledger/open.js';
import { segmentPath } from '../../src/ledger/segments.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { suite } from '../support/suite.js';
import { ledgerIn, must, note, optionsIn, removeFolder, temporaryFolder } from './support.js';

/** T13 on a log of 1,000 records; every single bit of it is `every_bit.test.ts`. */
const recordCount = 1000;
const { test, before, after } = suite('tampering (T13)');

let dir = '';
let original = Buffer.alloc(0);
let lines: string[] = [];
const segment = () => segmentPath(dir, 1);

before(async () => {
  dir = temporaryFolder();
  const ledger = await ledgerIn(dir, { checkpointEveryRecords: 128 });
  await Promise.all(Array.from({ length: recordCount - 1 }, (_, i) => ledger.append(note(`invented ${i}`))));
  await ledger.close();
  original = readFileSync(segment());
  lines = original.toString().trimEnd().split('\n');
});
after(() => removeFolder(dir));

function verdictOn(changed: Buffer | readonly string[]) {
  writeFileSync(segment(), Buffer.isBuffer(changed) ? changed : `${changed.join('\n')}\n`);
  const verdict = verifyLedger(dir);
  writeFileSync(segment(), original);
  return verdict;
}

/** The whole log from `from` re-hashed, as somebody would who has no signing key. */
function rechained(from: number, change: (line: string) => string): string[] {
  const forged = [...lines];
  let previous = JSON.parse(lines[from - 2] as string).hash as string;
  for (let i = from - 1; i < forged.length; i += 1) {
    const line = i === from - 1 ? change(forged[i] as string) : (forged[i] as string);
    const body = line.slice(0, -75).replace(/"prev_hash":"[0-9a-f]{64}"/, `"prev_hash":"${previous}"`);
    previous = hash('sha256', body, 'hex');
    forged[i] = `${body},"hash":"${previous}"}`;
  }
  return forged;
}

test('the untouched log verifies [IV.C.6.a]', () => {
  assert.deepEqual([verdictOn(original).ok, lines.length], [true, recordCount]);
});

function checkFlip(bit: number): void {
  const changed = Buffer.from(original);
  changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
  const upTo = original.subarray(0, bit >> 3);
  const sequence = upTo.toString('latin1').split('\n').length;
  const verdict = verdictOn(changed);
  assert.equal(verdict.firstBad?.sequence, sequence, `bit ${bit}: ${JSON.stringify(verdict.firstBad)}`);
}

test('one flipped bit anywhere is found and its record named [IV.C.6.a]', () => {
  fc.assert(fc.property(fc.nat(original.length * 8 - 1), checkFlip), { numRuns: 400 });
});

const anyRecord = fc.integer({ min: 2, max: recordCount - 1 });

test('a removed record is named [IV.C.6.a]', () => {
  fc.assert(
    fc.property(anyRecord, (n) => {
      const bad = verdictOn(lines.toSpliced(n - 1, 1)).firstBad;
      assert.deepEqual([bad?.sequence, bad?.problem], [n, 'removed']);
    }),
    { numRuns: 40 },
  );
});

test('a duplicated record is named', () => {
  fc.assert(
    fc.property(anyRecord, (n) => {
      const bad = verdictOn(lines.toSpliced(n, 0, lines[n - 1] as string)).firstBad;
      assert.deepEqual([bad?.sequence, bad?.problem], [n, 'inserted']);
    }),
    { numRuns: 40 },
  );
});

test('two swapped neighbours are named', () => {
  fc.assert(
    fc.property(anyRecord, (n) => {
      const bad = verdictOn(lines.toSpliced(n - 1, 2, lines[n] as string, lines[n - 1] as string)).firstBad;
      assert.deepEqual([bad?.sequence, bad?.problem], [n, 'swapped']);
    }),
    { numRuns: 40 },
  );
});

test('a forged record is named although everything after it was re-hashed [IV.C.6.a]', () => {
  fc.assert(
    fc.property(anyRecord, (n) => {
      const bad = verdictOn(rechained(n, (line) => line.replace('invented', 'forgedxx'))).firstBad;
      assert.deepEqual([bad?.sequence, bad?.problem], [n, 'forged']);
    }),
    { numRuns: 40 },
  );
});

test('a record inserted and re-chained is named', () => {
  const n = 500;
  const shifted = [...lines.slice(0, n), ...lines.slice(n - 1)].map((line, i) =>
    line.replace(/^\{"seq":\d+/, `{"seq":${i + 1}`),
  );
  const kept = [...lines];
  lines = shifted;
  const forged = rechained(n + 1, (line) => line);
  lines = kept;
  assert.deepEqual([verdictOn(forged).firstBad?.sequence, verdictOn(forged).firstBad?.problem], [n + 1, 'forged']);
});

test('a truncated log is named by the checkpoint that covers more, at every length', () => {
  fc.assert(
    fc.property(anyRecord, (n) => {
      const bad = verdictOn(lines.slice(0, n)).firstBad;
      assert.deepEqual([bad?.sequence, bad?.problem], [n + 1, 'removed']);
    }),
    { numRuns: 40 },
  );
});

test('every bit of a checkpoint counts (a sample)', () => {
  const file = join(dir, 'checkpoints.jsonl');
  const kept = readFileSync(file);
  fc.assert(
    fc.property(fc.nat(kept.length * 8 - 1), (bit) => {
      const changed = Buffer.from(kept);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      writeFileSync(file, changed);
      const verdict = verifyLedger(dir);
      writeFileSync(file, kept);
      assert.equal(verdict.ok, false, `bit ${bit} of the checkpoints`);
    }),
    { numRuns: 200 },
  );
});

test('a rollback of log and checkpoints together is found by a witness [IV.C.6.b]', () => {
  const file = join(dir, 'checkpoints.jsonl');
  const kept = readFileSync(file);
  const checkpoints = kept.toString().trimEnd().split('\n');
  const witness = checkpoints.at(-1) as string;
  writeFileSync(file, `${checkpoints.slice(0, 2).join('\n')}\n`);
  writeFileSync(segment(), `${lines.slice(0, 256).join('\n')}\n`);
  assert.equal(verifyLedger(dir).ok, true, 'nothing inside the folder can show it');
  const bad = verifyLedger(dir, { witness }).firstBad;
  writeFileSync(file, kept);
  writeFileSync(segment(), original);
  assert.deepEqual([bad?.sequence, bad?.problem], [257, 'removed']);
});

test('a fork that was signed with the same key is found by a witness', async () => {
  const other = temporaryFolder();
  const options = optionsIn(other);
  const first = must(await openLedger(options));
  must(await first.append(note('one history')));
  await first.close();
  const witness = readFileSync(join(other, 'checkpoints.jsonl'), 'utf8').trim().split('\n').at(-1) as string;
  removeFolder(other);
  const second = must(await openLedger(options));
  must(await second.append(note('another history')));
  await second.close();
  assert.equal(verifyLedger(other).ok, true);
  assert.equal(verifyLedger(other, { witness }).firstBad?.problem, 'forged');
  removeFolder(other);
});

test('the writer refuses to continue a tampered log and names the record', async () => {
  const other = temporaryFolder();
  const options = optionsIn(other);
  const ledger = must(await openLedger(options));
  for (let i = 0; i < 5; i += 1) must(await ledger.append(note(`n${i}`)));
  await ledger.close();
  const file = segmentPath(other, 1);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"n2"', '"nX"'));
  const refused = await openLedger(options);
  assert.ok(!refused.ok && /record 4 was altered/.test(refused.error), JSON.stringify(refused));
  removeFolder(other);
});
