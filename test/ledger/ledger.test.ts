import { strict as assert } from 'node:assert';
import { appendFileSync, readFileSync } from 'node:fs';
import { openLedger } from '../../src/ledger/open.js';
import { intent, outcome } from '../../src/ledger/receipt.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { segmentPath } from '../../src/ledger/segments.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { suite } from '../support/suite.js';
import { ledgerIn, must, note, optionsIn, removeFolder, temporaryFolder } from './support.js';

const { test } = suite('ledger');

test('what was appended is read back in order, chained and verified', async () => {
  const dir = temporaryFolder();
  const ledger = await ledgerIn(dir);
  const heard: number[] = [];
  ledger.subscribe((record) => heard.push(record.seq));
  const records = await Promise.all(Array.from({ length: 50 }, (_, i) => ledger.append(note(`n${i}`))));
  assert.deepEqual(
    heard,
    records.map((r) => must(r).seq),
  );
  const read: LedgerRecord[] = [];
  ledger.replay(2, (record) => void read.push(record));
  assert.deepEqual(read, records.map(must));
  const { count, seconds, buckets } = ledger.appendTimes();
  const appended = records.length + 1;
  assert.deepEqual([count, buckets.reduce((sum, n) => sum + n, 0)], [appended, appended], 'with that of opening');
  assert.ok(seconds >= 0 && ledger.notRecorded === 0 && ledger.waiting === 0);
  await ledger.close();
  const verdict = verifyLedger(dir);
  assert.deepEqual([verdict.ok, verdict.records, verdict.unsignedRecords], [true, 51, 0]);
  removeFolder(dir);
});

test('a ledger is continued after a restart, over many segments and checkpoints', async () => {
  const dir = temporaryFolder();
  const options = optionsIn(dir, { segmentBytes: 4096, checkpointEveryRecords: 7 });
  for (let run = 0; run < 4; run += 1) {
    const ledger = must(await openLedger(options));
    for (let i = 0; i < 40; i += 1) must(await ledger.append(note(`${run}-${i}`)));
    await ledger.close();
  }
  const verdict = verifyLedger(dir);
  assert.deepEqual([verdict.firstBad, verdict.records], [null, 164]);
  assert.ok(verdict.checkpoints >= 164 / 7);
  removeFolder(dir);
});

test('a second process on the same folder is refused with a sentence [III.G]', async () => {
  const dir = temporaryFolder();
  const options = optionsIn(dir);
  const ledger = must(await openLedger(options));
  const second = await openLedger(options);
  assert.ok(!second.ok && /another process/.test(second.error));
  await ledger.close();
  await must(await openLedger(options)).close();
  removeFolder(dir);
});

test('a torn tail is cut, kept aside and recorded', async () => {
  const dir = temporaryFolder();
  const options = optionsIn(dir);
  const ledger = must(await openLedger(options));
  must(await ledger.append(note('whole')));
  await ledger.close();
  for (const torn of ['{"seq":3,"prev_ha', `{"seq":${'\0'.repeat(400)}\n{"seq":9}\n`]) {
    const before = verifyLedger(dir).records;
    appendFileSync(segmentPath(dir, 1), torn);
    const again = must(await openLedger(options));
    const opened: LedgerRecord[] = [];
    again.replay(before + 1, (record) => void opened.push(record));
    assert.equal((opened[0]!.request as { torn_bytes: number }).torn_bytes, torn.length);
    await again.close();
    assert.equal(verifyLedger(dir).ok, true);
  }
  removeFolder(dir);
});

test('a complete but false last line is not taken for a torn one', async () => {
  const dir = temporaryFolder();
  const options = optionsIn(dir);
  await must(await openLedger(options)).close();
  appendFileSync(segmentPath(dir, 1), '{"seq":2,"looks":"complete"}\n');
  const refused = await openLedger(options);
  assert.ok(!refused.ok && /record 2 is not a record/.test(refused.error), JSON.stringify(refused));
  removeFolder(dir);
});

test('another signing key is refused', async () => {
  const dir = temporaryFolder();
  await must(await openLedger(optionsIn(dir))).close();
  const refused = await openLedger(optionsIn(dir));
  assert.ok(!refused.ok && /signing key/.test(refused.error));
  removeFolder(dir);
});

test('an intent without outcome is abandoned at the next start [IV.C.6.a]', async () => {
  const dir = temporaryFolder();
  const options = optionsIn(dir);
  const ledger = must(await openLedger(options));
  const who = { action: 'reads.search', actor_id: 'u1', actor_name: 'One', roles: ['OPR'] };
  const answered = must(await intent(ledger, who));
  const lost = must(await intent(ledger, who));
  must(await outcome(ledger, answered, { count: 1, sha256: 'b'.repeat(64), bytes: 10 }));
  await ledger.close();
  const again = must(await openLedger(options));
  const abandoned: (number | undefined)[] = [];
  again.replay(1, (r) => {
    if (r.action === 'access.abandoned') abandoned.push(r.ref);
    return true;
  });
  assert.deepEqual(abandoned, [lost.sequence]);
  await again.close();
  await must(await openLedger(options)).close();
  removeFolder(dir);
});

test('every record names who, when, what, why and under which policy [IV.C.6.a]', async () => {
  const dir = temporaryFolder();
  const ledger = await ledgerIn(dir);
  const reason = { basis: 'criminal_investigation', facts: 'invented facts for this test', case_no: 'T-1' };
  const receipt = must(
    await intent(ledger, { action: 'reads.search', actor_id: 'u1', actor_name: 'One', roles: ['OPR'], reason }),
  );
  await ledger.close();
  const line = readFileSync(segmentPath(dir, 1), 'utf8').split('\n')[receipt.sequence - 1] as string;
  const record = JSON.parse(line) as LedgerRecord;
  assert.deepEqual(
    [record.actor_name, record.ts_utc, record.reason, record.policy_version_sha256],
    ['One', '2026-01-01T00:00:00.000Z', reason, 'a'.repeat(64)],
  );
  removeFolder(dir);
});
