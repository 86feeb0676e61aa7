import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createOutbox } from '../../src/bus/outbox.js';
import { openSpool } from '../../src/bus/spool.js';
import type { Answer } from '../../src/data/answer.js';
import type { ReadReport } from '../../src/data/read.js';
import { scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('outbox of an engine');
const scratch = scratchFolder();
after(() => scratch.remove());

const heldMax = 256;
const reportOf = (number: number): ReadReport => ({
  stage: 'final',
  revision: 1,
  read: someRead(number, `P${number}`, 1_700_000_000_000 + number),
});

let opened = 0;
/** An outbox, and a control that answers as it is told to. */
function withControl(answerTo: (report: ReadReport) => Answer) {
  opened += 1;
  const spoolFolder = join(scratch.path, `outbox-${opened}`);
  const spool = openSpool<ReadReport>(spoolFolder, 1 << 30);
  const historySpool = openSpool<ReadReport>(join(spoolFolder, 'history'), 1 << 30);
  const matched: string[] = [];
  const kept: string[] = [];
  let answers = 0;
  const outbox = createOutbox({
    send(number, report) {
      setImmediate(() => {
        answers += 1;
        const answer = answerTo(report);
        if (answer !== 'again' && report.retold !== 'history') matched.push(report.read.plate);
        if (answer === 'kept') kept.push(report.read.plate);
        outbox.answer(number, answer);
      });
    },
    spool,
    historySpool,
    heldMax,
    againMs: 5,
  });
  return { outbox, matched, kept, answers: () => answers, spoolFolder };
}

const plates = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `P${from + i}`);

test('300 reports that control could not take, then recovery: all of them and 1,000 more are told, none twice as new', async () => {
  let failing = true;
  const { outbox, kept, answers } = withControl(() => (failing ? 'again' : 'kept'));
  for (let n = 1; n <= 300; n += 1) outbox.put(reportOf(n));
  await until('every one that may be held was turned away', () => answers() >= heldMax);
  failing = false;
  for (let n = 301; n <= 1300; n += 1) outbox.put(reportOf(n));
  await until('all are kept', () => kept.length >= 1300);
  assert.deepEqual([...kept].sort(), plates(1, 1300).sort());
  assert.deepEqual([outbox.unsent, outbox.spooled, outbox.lost], [0, 0, 0]);
});

test('history is stopped: every report is matched all the same, in order; once it goes on, every one is kept', async () => {
  let stopped = true;
  const { outbox, matched, kept } = withControl(() => (stopped ? 'matched' : 'kept'));
  for (let n = 1; n <= 1000; n += 1) {
    outbox.put(reportOf(n));
    if (n % 100 === 0) await until('they are matched', () => matched.length === n);
  }
  assert.deepEqual(matched, plates(1, 1000));
  assert.deepEqual(kept, []);
  stopped = false;
  await until('all are kept', () => kept.length === 1000);
  assert.deepEqual([...kept].sort(), plates(1, 1000).sort());
  assert.equal(matched.length, 1000, 'no report is matched a second time');
  assert.deepEqual([outbox.unsent, outbox.spooled, outbox.lost], [0, 0, 0]);
});

test('an engine that ends while history is stopped leaves the reads on disk; the next one tells them, for the history alone', async () => {
  const first = withControl(() => 'matched');
  for (let n = 1; n <= 20; n += 1) first.outbox.put(reportOf(n));
  await until('they are matched', () => first.matched.length === 20);
  first.outbox.close();
  const told: ReadReport[] = [];
  const outbox = createOutbox({
    send: (_number, report) => told.push(report),
    spool: openSpool<ReadReport>(first.spoolFolder, 1 << 30),
    historySpool: openSpool<ReadReport>(join(first.spoolFolder, 'history'), 1 << 30),
    heldMax,
  });
  outbox.refill();
  assert.deepEqual(
    told.map(({ read, retold }) => [read.plate, retold]),
    plates(1, 20).map((plate) => [plate, 'history']),
  );
  outbox.close();
});

test('what a disk does not take is lost and counted, and nothing of it stays', () => {
  const spoolFolder = join(scratch.path, 'taken');
  const spool = openSpool<ReadReport>(spoolFolder, 1 << 30);
  // The name is taken: the write fails.
  writeFileSync(join(spoolFolder, '000000000001.report'), 'foreign');
  const historySpool = openSpool<ReadReport>(join(spoolFolder, 'history'), 1 << 30);
  const outbox = createOutbox({ send() {}, spool, historySpool, heldMax });
  outbox.setReachable(false);
  outbox.put(reportOf(1));
  outbox.put(reportOf(2));
  assert.deepEqual([outbox.lost, outbox.spooled], [1, 1]);
});
