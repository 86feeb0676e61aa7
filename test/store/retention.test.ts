import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/observe/clock.js';
import type { Hold } from '../../src/store/retention.js';
import { isDue } from '../../src/store/retention.js';
import { dayMs, dayOf, startOfDayMs } from '../../src/store/retention_days.js';
import { storeSettings } from '../../src/store/settings.js';
import { openStore, type Store } from '../../src/store/store.js';
import { found, registry, scratchFolder, someRead, testReceipt } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('retention');
const scratch = scratchFolder();
after(() => scratch.remove());

test('only whole days from 15 to 30 are a retention [IV.F.1]', () => {
  for (const wrong of [13, 14, 31, 0, -1, Number.NaN, 14.5, '20', null, Number.POSITIVE_INFINITY]) {
    const parsed = storeSettings.safeParse({ retentionDays: wrong });
    assert.not(parsed.success, String(wrong));
    assert.match(parsed.error?.issues[0]?.message ?? '', /RETENTION_OUT_OF_RANGE/);
  }
  for (const right of [15, 29, 30]) assert.is(storeSettings.parse({ retentionDays: right }).retentionDays, right);
});

test('over random schedules a dropped day has nothing younger than 14 days, and an hourly job leaves nothing older than 30 [IV.F.1]', () => {
  const moment = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) });
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 15, max: 30 }),
      fc.integer({ min: 0, max: 60 * dayMs }),
      (capturedAtMs, days, laterMs) => {
        const day = dayOf(capturedAtMs);
        const nowMs = capturedAtMs + laterMs;
        if (isDue(day, nowMs, days)) assert.ok(nowMs - (startOfDayMs(day) + dayMs) >= 14 * dayMs);
        else assert.ok(nowMs - capturedAtMs < 30 * dayMs);
      },
    ),
    { numRuns: 10_000 },
  );
});

/** Files below the data directory that hold these bytes. */
function filesWith(folder: string, bytes: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    try {
      return statSync(path).isFile() && readFileSync(path).includes(bytes);
    } catch {
      return false;
    }
  });
}

test('rows disappear from every query at the second, and their bytes from every file with their day; a held read stays [IV.F.1, IV.F.2]', async () => {
  const startMs = Date.UTC(2026, 2, 10, 6);
  const clock = new ManualClock(startMs);
  const holds: Hold[] = [];
  const opened = await openStore(storeSettings.parse({ retentionDays: 15, batch: { ageMsMax: 20 } }), {
    clock,
    dataDir: scratch.path,
    cameraRegistry: registry,
    holds: () => holds,
  });
  if (!opened.ok) throw new Error(opened.error);
  const store: Store = opened.value;
  const seen = async (criteria: object) => (await found(store, { kind: 'reads', ...criteria })).rows.length;
  try {
    await store.append(someRead(1, 'KANARY77', startMs));
    await store.append(someRead(2, 'HELD123', startMs + 1_000));
    await store.append(someRead(3, 'NEXTDAY', startMs + dayMs));
    assert.ok(await store.flush(120_000));
    assert.is(await seen({ plate: 'KANARY77' }), 1);
    assert.ok(filesWith(scratch.path, 'KANARY77').length > 0, 'the sweep can see the canary while it is there');

    holds.push({ caseNumber: 'CASE-1', readIds: ['boot-north-2'] });
    clock.advance(14 * dayMs);
    const early = await store.retention.run();
    assert.ok(early.ok && early.value.dropped.length === 0, 'nothing of 14 days is deleted');

    clock.advance(dayMs - 1);
    assert.is(await seen({ plate: 'KANARY77' }), 1);
    clock.advance(1);
    assert.is(await seen({ plate: 'KANARY77' }), 0, 'hidden at the very moment');
    assert.is(await seen({ plate: 'HELD123' }), 1, 'a second younger, a second longer');

    const report = await store.retention.run();
    assert.ok(report.ok, report.ok ? '' : report.error.message);
    assert.equal(
      report.value.dropped.map((d) => [d.partition, d.rows, d.oldestMs, d.youngestMs, d.holds]),
      [['2026-03-10', 2, startMs, startMs + 1_000, ['CASE-1']]],
    );
    assert.is(report.value.oldestLeftMs, startMs + dayMs);
    await until(
      'the canary to be gone from every file',
      () => filesWith(scratch.path, 'KANARY77').length === 0,
      25_000,
    );
    assert.is(await seen({ plate: 'NEXTDAY' }), 1);
    const [kept] = await store.held.reads(testReceipt, 'CASE-1');
    assert.is(kept?.plate, 'HELD123');
    assert.ok((await store.held.image(testReceipt, 'CASE-1', 'boot-north-2', 'plate')).ok, 'and its pictures');
    const image = await store.image(testReceipt, { day: '2026-03-10', pack: 1, offset: 0 }, 'vehicle');
    assert.not(image.ok);

    clock.jump(3_600_000);
    const jumped = await store.retention.run();
    assert.is(!jumped.ok && jumped.error.code, 'CLOCK_JUMPED');
    clock.jump(-3_600_000);
    for (let day = 2; day < 6; day += 1) await store.append(someRead(10 + day, `LATER${day}`, startMs + day * dayMs));
    await store.flush(120_000);
    clock.advance(10 * dayMs);
    const many = await store.retention.run();
    assert.is(!many.ok && many.error.code, 'TOO_MANY_DUE');
    const confirmed = await store.retention.run({ confirmed: true });
    assert.is(confirmed.ok && confirmed.value.dropped.length, 5);
  } finally {
    await store.close();
  }
});
