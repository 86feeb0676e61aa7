import { strict as assert } from 'node:assert';
import { hash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { csvLine } from '../../src/history/export.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { goodReason, hourMs, minuteMs, must } from '../policy/world.js';
import { someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { type HistoryWorld, historyWorld } from './world.js';

const { test, before, after } = suite('audited searches');
let world: HistoryWorld;
before(async () => {
  world = await historyWorld();
  const nowMs = world.clock.nowMs();
  const picture = new Uint8Array(
    await sharp({ create: { width: 80, height: 40, channels: 3, background: '#246' } })
      .jpeg()
      .toBuffer(),
  );
  const cameraOf = (i: number) => ['north', 'south', 'east'][i % 3] as string;
  const passing = Array.from({ length: 40 }, (_, i) =>
    someRead(i, `ZQ${100 + i}K`, nowMs - i * minuteMs, { camera: cameraOf(i) }),
  );
  const wanted = someRead(900, 'WX900V', nowMs - minuteMs);
  const evidence = { ...wanted.evidence, vehicle: picture, vehicleSha256: hash('sha256', picture, 'hex') };
  const again = someRead(901, 'WX900V', nowMs - 2 * minuteMs, { camera: 'south' });
  await Promise.all([...passing, { ...wanted, evidence }, again].map((read) => world.store.append(read)));
  assert.ok(await world.store.flush(120_000));
});
after(() => world.close());

interface Intent {
  readonly request: { with: { plate: string; cameras: string[]; criteria: { kind: string } } };
}

function records(from: number): LedgerRecord[] {
  const found: LedgerRecord[] = [];
  world.ledger.replay(from, (record) => {
    found.push(record);
    return true;
  });
  return found;
}
const search = (userId: string, criteria: object, more: object = {}) =>
  world.history.search(world.as(userId), { reason: goodReason, criteria: { kind: 'reads', ...criteria }, ...more });

test('an answer comes after its intent and its outcome, which says what was shown; what ran is what was recorded [III.G] [IV.A.5] [IV.C.6.a]', async () => {
  const answer = must(await search('op', { plate: 'WX900V' }));
  assert.equal(answer.rows.length, 2);
  assert.ok(answer.end.complete && answer.end.receiptSequence === answer.sequence);
  const [intent, outcome] = records(answer.sequence);
  assert.deepEqual(
    [intent?.action, outcome?.action, outcome?.ref],
    ['access.intent', 'access.outcome', answer.sequence],
  );
  const asked = (intent as unknown as Intent).request.with;
  assert.deepEqual([asked.plate, asked.cameras, asked.criteria.kind], ['WX900V', ['north', 'south', 'east'], 'reads']);
  const lines = answer.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  assert.deepEqual([outcome?.result_count, outcome?.result_sha256], [2, hash('sha256', lines, 'hex')]);
});

test('every kind of search is one access: partial, list, polygon, hours, plates, co-travel [IV.A.5]', async () => {
  const count = async (criteria: object) => must(await search('op', criteria)).rows.length;
  assert.equal(await count({ wildcard: 'WX9?0V' }), 2);
  assert.equal(await count({ plates: ['ZQ100K', 'ZQ101K', 'NONE11'] }), 2);
  const around = {
    polygon: [
      [42.3, -71.2],
      [42.4, -71.2],
      [42.4, -71.0],
      [42.3, -71.0],
    ],
  };
  assert.equal(await count({ plate: 'WX900V', area: around }), 2);
  const elsewhere = {
    polygon: [
      [1, 1],
      [2, 1],
      [2, 2],
    ],
  };
  assert.equal(await count({ plate: 'WX900V', area: elsewhere }), 0);
  assert.equal(await count({ plate: 'WX900V', cameras: ['south'] }), 1);
  assert.equal(await count({ kind: 'plates', plate: 'WX900V' }), 1);
  assert.equal(await count({ kind: 'hours', plate: 'WX900V' }), 1);
  assert.equal(await count({ kind: 'co_travel', plate: 'WX900V', withinSeconds: 90, camerasMin: 2 }), 0);
});

test('what is refused shows nothing and is in the ledger: no reason, no sense, a technician [IV.A.1] [II.A] [IV.B.2.a]', async () => {
  const code = async (userId: string, criteria: object, more: object = {}) => {
    const answer = await search(userId, criteria, more);
    if (answer.ok) return 'shown';
    const last = records(world.ledger.size).at(-1);
    assert.equal(last?.decision, 'refuse');
    assert.equal(answer.error.sequence, last?.seq);
    return answer.error.code;
  };
  assert.equal(
    await code('op', { plate: 'WX900V' }, { reason: { ...goodReason, facts: 'investigation' } }),
    'REASON_INSUFFICIENT',
  );
  assert.equal(await code('op', { plate: "x' OR 1=1" }), 'INPUT_INVALID');
  assert.equal(await code('op', {}), 'INPUT_INVALID');
  const forged = await search('op', { plate: 'WX900V', cursor: 'forged' });
  const outcome = records(world.ledger.size).at(-1);
  assert.ok(!forged.ok && forged.error.code === 'INPUT_INVALID');
  assert.deepEqual([outcome?.action, outcome?.result_count], ['access.outcome', 0], 'asked, so answered: with nothing');
  assert.equal(await code('tech', { plate: 'WX900V' }), 'TRAINING_MISSING');
  assert.equal(await code('rec', { plate: 'WX900V' }), 'ROLE_REQUIRED');
});

test('all plates at a camera wait for a supervisor, who agrees to exactly that, and run once agreed to [IV.A.5]', async () => {
  const nowMs = world.clock.nowMs();
  const open = { cameras: ['north'], fromMs: nowMs - hourMs, toMs: nowMs + 1 };
  const refused = await search('op', open);
  assert.ok(!refused.ok && refused.error.code === 'EXCEPTION_REQUIRED' && 'cosign' in refused.error);
  const { cosign } = refused.error;
  assert.equal(world.history.cosigns()[0]?.agreedUntilMs, null);
  await world.did('sup', 'search.cosign', { forUser: 'op', access: cosign.access, why: 'all cars at the scene' });
  assert.ok((world.history.cosigns()[0]?.agreedUntilMs ?? 0) > nowMs);
  const again = { reason: goodReason, cosigned: cosign.sequence };
  assert.equal(must(await world.history.search(world.as('op'), again)).rows.length, 15);
  const other = await world.history.search(world.as('op2'), again);
  assert.ok(!other.ok && other.error.code === 'NOT_FOUND', 'nobody runs a search that another was allowed');
});

test('a picture is shown with a receipt, its digest checked, and only the part that was asked for [IV.B.1.a(3)] [IV.C.6.a]', async () => {
  const [read] = must(await search('op', { plate: 'WX900V', cameras: ['north'] })).rows;
  assert.ok(read?.kind === 'read');
  const asked = {
    reason: goodReason,
    readId: read.readId,
    capturedAtMs: read.capturedAtMs,
    plate: 'WX900V',
    which: 'vehicle',
  };
  const whole = must(await world.history.image(world.as('op'), asked));
  assert.equal((await sharp(whole.jpeg).metadata()).width, 80);
  assert.deepEqual(
    records(whole.sequence)
      .map((r) => r.action)
      .slice(0, 2),
    ['access.intent', 'access.outcome'],
  );
  const part = must(
    await world.history.image(world.as('op'), { ...asked, crop: { x: 0.5, y: 0, width: 0.25, height: 0.5 } }),
  );
  const { width, height } = await sharp(part.jpeg).metadata();
  assert.deepEqual([width, height], [20, 20]);
  const wrongPlate = await world.history.image(world.as('op'), { ...asked, plate: 'OTHER11' });
  assert.ok(!wrongPlate.ok && wrongPlate.error.code === 'NOT_FOUND');
});

test('an export is case-bound, asks for the second factor again, ends with a mark and leaves no file behind [IV.F.2] [IV.C.2.a]', async () => {
  for (const format of ['csv', 'jsonl', 'parquet']) {
    const file = must(
      await world.history.exportFile(world.as('op'), {
        reason: goodReason,
        criteria: { kind: 'reads', wildcard: 'ZQ1??K', pageRows: 7 },
        format,
        rows: 30,
      }),
    );
    const chunks: Uint8Array[] = [];
    for await (const chunk of file.stream()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    assert.deepEqual([bytes.length, hash('sha256', bytes, 'hex')], [file.bytes, file.sha256]);
    assert.deepEqual([file.rows, file.complete], [30, false]);
    const outcome = records(file.sequence)[1];
    assert.deepEqual([outcome?.result_count, outcome?.result_sha256], [30, file.sha256]);
    if (format === 'parquet') assert.equal(bytes.subarray(0, 4).toString() + bytes.subarray(-4).toString(), 'PAR1PAR1');
    if (format === 'csv')
      assert.match(bytes.toString(), /\r\n#end,rows=30,complete=false,sha256=[0-9a-f]{64},receipt=\d+\r\n$/);
    if (format === 'jsonl') {
      const lines = bytes.toString().trimEnd().split('\n');
      const end = JSON.parse(lines.at(-1) ?? '') as { kind: string; sha256: string };
      assert.equal(end.sha256, hash('sha256', `${lines.slice(0, -1).join('\n')}\n`, 'hex'));
    }
  }
  const folder = join(world.dataDir, 'store', 'exports');
  assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  const stale = { ...world.as('op'), steppedUpAtMs: 0 };
  const refused = await world.history.exportFile(stale, {
    reason: goodReason,
    criteria: { kind: 'reads', plate: 'WX900V' },
    format: 'csv',
  });
  assert.ok(!refused.ok && refused.error.code === 'MFA_REQUIRED');
});

test('an export is never the rest of a search: a cursor is refused, not left to make a part look whole [IV.F.2]', async () => {
  const first = must(await search('op', { plate: 'WX900V', pageRows: 1 }));
  const cursor = first.end.cursor;
  assert.ok(cursor !== null);
  const criteria = { kind: 'reads', plate: 'WX900V', cursor };
  const refused = await world.history.exportFile(world.as('op'), { reason: goodReason, criteria, format: 'csv' });
  assert.ok(!refused.ok && refused.error.code === 'INPUT_INVALID');
});

test('a spreadsheet takes no cell of an export for a formula [T4]', () => {
  for (const cell of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '=cmd|" /C calc"!A0']) {
    const line = csvLine([cell, 'plain']);
    assert.match(line, /^"?'/, JSON.stringify(line));
  }
  assert.equal(csvLine([-71.1, 'a,b', 'q"q', null]), '-71.1,"a,b","q""q",\r\n');
});

test("a saved search is its owner's, holds no reason, and is gone when forgotten [IV.A.5]", async () => {
  await world.did('op', 'search.save', { name: 'the van', criteria: { kind: 'reads', plate: 'WX900V' } });
  const kept = [...world.governance.state().savedSearches.values()];
  assert.deepEqual(
    kept.map((one) => [one.userId, one.name]),
    [['op', 'the van']],
  );
  assert.equal((await world.refused('op2', 'search.forget', { name: 'the van' })).code, 'NOT_FOUND');
  await world.did('op', 'search.forget', { name: 'the van' });
  assert.equal(world.governance.state().savedSearches.size, 0);
});

test('without a ledger there is no search [III.G] [IV.C.6.a]', async () => {
  await world.ledger.close();
  const answer = await search('op', { plate: 'WX900V' });
  assert.ok(!answer.ok && answer.error.code === 'AUDIT_UNAVAILABLE');
});
