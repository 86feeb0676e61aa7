import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Alerts } from '../../src/alert/alerts.js';
import { Outbox } from '../../src/alert/forward/outbox.js';
import type { Match } from '../../src/data/match.js';
import type { Read } from '../../src/data/read.js';
import { dataInventory, type InventoryEntry, inventoryOf } from '../../src/governed/data_inventory.js';
import { type CaseKeeper, openCaseKeeper } from '../../src/history/case_keeper.js';
import { forgetExports } from '../../src/history/export.js';
import { type RetentionJob, startRetentionJob } from '../../src/history/retention_job.js';
import { keptCopies } from '../../src/kept_copies.js';
import type { LedgerRecord } from '../../src/ledger/record.js';
import { type AlertPictures, openAlertPictures } from '../../src/live/alert_pictures.js';
import { silentLog } from '../../src/observe/log.js';
import { forgetBackups } from '../../src/store/backup_folders.js';
import { bulkLine } from '../../src/store/bulk_row.js';
import { openReadSpool } from '../../src/store/read_spool.js';
import { entry } from '../match/support.js';
import { dayMs, hourMs, minuteMs, must } from '../policy/world.js';
import { found, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { type HistoryWorld, historyWorld } from './world.js';

const { test, before, after } = suite('retention under the policy (T16)');
let world: HistoryWorld;
let cases: CaseKeeper;
let job: RetentionJob;
let alerts: Alerts;
let pictures: AlertPictures;
let outbox: Outbox;
const days = 15;

before(async () => {
  world = await historyWorld({}, leaveRefusedBatch);
  const proposal = await world.did('rec', 'retention.propose', { days, why: 'shortest the policy allows' });
  await world.did('chief', 'retention.approve', { proposalId: proposal.id('retention') });
  cases = openCaseKeeper({ ...world, log: silentLog });
  const below = (...names: string[]) => join(world.dataDir, ...names);
  alerts = new Alerts({ file: below('alerts', 'alerts.jsonl'), clock: world.clock, coolDownMs: 0 });
  pictures = openAlertPictures(below('alerts', 'pictures.jsonl'), world.store);
  outbox = new Outbox(below('alerts', 'outbox.jsonl'));
  const forwarding = { forgetTold: () => outbox.forget() };
  const exports = { name: 'exports', forget: () => forgetExports(below('store', 'exports')) };
  const holds = () => cases.holds();
  const backups = {
    name: 'backups',
    forget: (untilMs: number) => forgetBackups([backupFolder()], untilMs, silentLog),
  };
  const copies = keptCopies({ store: world.store, alerts, pictures, forwarding, exports, backups, holds });
  job = startRetentionJob({ ...world, cases, copies, log: silentLog });
});
after(async () => {
  job.stop();
  await alerts.close();
  await pictures.close();
  await outbox.close();
  await cases.close();
  rmSync(backupFolder(), { recursive: true, force: true });
  await world.close();
});

/** An earlier run had a batch that the store refused: an old read, and one of today. */
async function leaveRefusedBatch(dataDir: string, nowMs: number): Promise<void> {
  const spool = await openReadSpool(join(dataDir, 'store', 'spool'));
  const line = (number: number, atMs: number) =>
    bulkLine(someRead(number, `CANARY${number}`, atMs), { position: null, image: null, listVersion: 1 });
  const lines = [line(8001, nowMs - (days - 1) * dayMs), line(8002, nowMs)];
  await spool.append(lines);
  await spool.reject((await spool.seal()) ?? 0, lines);
  await spool.close();
}

/** As the live part does it: alert, pictures, a message to another agency that is delivered, then the read itself. */
async function passed(read: Read): Promise<void> {
  const match = { kind: 'exact', read, matchedText: read.plate, entry: entry('1ZZZ11') } as unknown as Match;
  const alert = await alerts.raise(match);
  assert.ok(alert);
  await pictures.keep(alert.id, read);
  const message = { id: alert.id, hook: 'other', body: read.plate, dueSinceMs: world.clock.nowMs() };
  await outbox.add(alert.sequence, [message]);
  await outbox.over(message.id, 'delivered');
  await world.store.append(read);
}

function recordsOf(action: string): LedgerRecord[] {
  const matching: LedgerRecord[] = [];
  world.ledger.replay(1, (record) => {
    if (record.action === action && record.decision === 'allow') matching.push(record);
    return true;
  });
  return matching;
}

/** Days that have a partition of reads on disk, cleaned up or not. */
function daysOnDisk(): string[] {
  const names = filesNow(join(world.dataDir, 'store'));
  const parts = names
    .map((name) => /(?:^|\/)(\d{4})(\d\d)(\d\d)_\d+_\d+_\d+$/.exec(name))
    .filter((one) => one !== null);
  const images = names.map((name) => /^images\/(\d{4})-(\d\d)-(\d\d)$/.exec(name)).filter((one) => one !== null);
  return [...new Set([...parts, ...images].map(([, year, month, day]) => `${year}-${month}-${day}`))].sort();
}

/** Canary plates whose bytes lie in any file below the data directory. */
function canariesOnDisk(): string[] {
  const seen = new Set<string>();
  for (const name of filesNow(world.dataDir))
    for (const [plate] of (contentOf(name) ?? '').matchAll(/CANARY\d+/g)) seen.add(plate);
  return [...seen].sort();
}

/** Null: a folder, or gone between listing and reading. */
function contentOf(name: string): string | null {
  const path = join(world.dataDir, name);
  try {
    return statSync(path).isFile() ? readFileSync(path, 'latin1') : null;
  } catch {
    return null;
  }
}

/** Places of reads in this process; those of engines have tests of their own. */
const places = new Set(
  dataInventory.filter(({ path }) =>
    [
      'store/clickhouse/x',
      'store/images/x',
      'store/held/x',
      'store/spool/x',
      'store/exports/x',
      'alerts/alerts.jsonl',
      'alerts/outbox.jsonl',
    ].some((name) => path.test(name)),
  ),
);

/** Places where a canary was seen, so that its absence later says something. */
const placesSeen = new Set<InventoryEntry>();

function notePlaces(): void {
  for (const name of filesNow(world.dataDir)) {
    const content = contentOf(name);
    if (content === null) continue;
    const place = inventoryOf(name);
    assert.ok(place, `${name} is in the data inventory`);
    if (/CANARY\d+/.test(content)) placesSeen.add(place);
  }
}

/** As a department may: one day's reads, on a volume of its own. */
const backupFolder = () => `${world.dataDir}-backups`;
function leaveBackup(plate: string, atMs: number): void {
  mkdirSync(backupFolder(), { recursive: true });
  writeFileSync(join(backupFolder(), `reads-${new Date(atMs).toISOString().slice(0, 10)}.jsonl`), plate);
}

/** A client went away hours ago before it had taken its export. */
function leaveExport(plate: string): void {
  const folder = join(world.dataDir, 'store', 'exports');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'reads-1.csv'), `plate\r\n${plate}\r\n`);
  const longAgo = new Date(Date.now() - 2 * hourMs);
  utimesSync(join(folder, 'reads-1.csv'), longAgo, longAgo);
}

/** A folder that goes while it is listed is listed again. */
function filesNow(folder: string): string[] {
  for (;;) {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

async function visible(): Promise<string[]> {
  const { rows, end } = await found(world.store, { kind: 'plates', wildcard: 'CANARY*', pageRows: 1000 });
  assert.ok(end.kind === 'end' && end.complete);
  return rows.map((row) => (row.kind === 'plate' ? row.plate : '')).sort();
}

const step = fc.record({
  advanceMs: fc.integer({ min: hourMs, max: 40 * hourMs }),
  ages: fc.array(fc.integer({ min: 0, max: (days - 2) * 24 }), { maxLength: 5 }),
  jumpMs: fc.option(fc.integer({ min: 6 * minuteMs, max: 20 * dayMs }), { freq: 4 }),
});

test('over random schedules and clocks nothing past retention is read, nothing due stays, nothing is deleted while the clock is in doubt [IV.F.1]', async () => {
  const [seed] = fc.sample(fc.integer({ min: 1, max: 1_000_000 }), 1) as [number];
  const captured = new Map<string, number>();
  notePlaces();
  let next = 0;
  for (const { advanceMs, ages, jumpMs } of fc.sample(step, { numRuns: 20, seed })) {
    world.clock.advance(advanceMs);
    const nowMs = world.clock.nowMs();
    const reads = ages.map((age) => {
      const number = next;
      next += 1;
      captured.set(`CANARY${number}`, nowMs - age * hourMs);
      return someRead(number, `CANARY${number}`, nowMs - age * hourMs);
    });
    await Promise.all(reads.map(passed));
    assert.ok(await world.store.flush(120_000), `seed ${seed}`);
    const expected = () => {
      const oldestMs = world.clock.nowMs() - days * dayMs;
      return [...captured]
        .filter(([, atMs]) => atMs > oldestMs)
        .map(([plate]) => plate)
        .sort();
    };
    assert.deepEqual(await visible(), expected(), `before the run, seed ${seed}`);
    if (jumpMs !== null) {
      const before = daysOnDisk();
      world.clock.jump(jumpMs);
      const refused = await job.run();
      assert.ok(!refused.ok && refused.error.code === 'CLOCK_JUMPED', `seed ${seed}`);
      world.clock.jump(-jumpMs);
      assert.ok(before.every((day) => daysOnDisk().includes(day) || Date.parse(day) + days * dayMs <= nowMs));
    }
    const report = must(await job.run());
    // A day goes as a whole when its first moment is due: its youngest read is then a day younger, and at least 14 days old.
    const gone = report.dropped.map(({ partition }) => partition);
    for (const [plate, atMs] of captured)
      if (gone.includes(new Date(atMs).toISOString().slice(0, 10))) captured.delete(plate);
    assert.deepEqual(await visible(), expected(), `after the run, seed ${seed}`);
    const oldestMs = nowMs - days * dayMs;
    const alerted = alerts.after(0, 10_000).map(({ match }) => match.read);
    assert.ok(
      alerted.every((read) => read.capturedAtMs > oldestMs),
      `an alert goes with its read, seed ${seed}`,
    );
    for (const { youngestMs } of report.dropped) {
      assert.ok(youngestMs === null || nowMs - youngestMs >= 14 * dayMs, `younger than 14 days, seed ${seed}`);
    }
    assert.ok((report.oldestLeftMs ?? nowMs) > nowMs - 30 * dayMs, `older than 30 days, seed ${seed}`);
  }
});

test('each dropped day has the permission before and a signed receipt after, with the oldest row left and the holds [IV.F.1] [IV.F.3]', () => {
  const permitted = recordsOf('retention.drop').map((record) => (record.effect as { day: string }).day);
  const receipts = recordsOf('retention.receipt');
  const dropped = receipts.flatMap(({ request }) =>
    (request as { dropped: { partition: string }[] }).dropped.map((one) => one.partition),
  );
  assert.ok(dropped.length > 0);
  assert.deepEqual(dropped, permitted);
  for (const { request } of receipts) {
    assert.deepEqual(Object.keys(request as object).sort(), [
      'atMs',
      'copies',
      'dropped',
      'holds',
      'oldestLeftMs',
      'retentionDays',
      'stopped',
    ]);
  }
  assert.ok((world.ledger.latestCheckpoint?.size ?? 0) >= (receipts.at(-1)?.seq ?? 0), 'signed');
});

test('after a month everything is gone from every file but what a case keeps, and that goes with its disposal [IV.F.1] [IV.F.2]', async () => {
  const nowMs = world.clock.nowMs();
  const caseNo = '26-0777';
  await passed(someRead(9001, 'CANARY9001', nowMs - hourMs));
  await passed(someRead(9002, 'CANARY9002', nowMs - hourMs));
  assert.ok(await world.store.flush(120_000));
  leaveExport('CANARY9002');
  leaveBackup('CANARY9002', nowMs - hourMs);
  must(await cases.preserve(world.as('op'), { caseNo, readIds: ['boot-north-9001'], why: 'seen at the scene' }));
  notePlaces();
  assert.deepEqual(
    [...places].filter((place) => !placesSeen.has(place)).map(({ path }) => String(path)),
    [],
    'the sweep can see canaries in every place while they are there',
  );
  world.clock.advance(31 * dayMs);
  const many = await job.run();
  assert.ok(!many.ok && many.error.code === 'TOO_MANY_DUE');
  assert.match(job.problem() ?? '', /^TOO_MANY_DUE: /, 'told by /readyz until it is mended');
  await world.did('chief', 'clock.confirm', { why: 'compared with the time service' });
  must(await job.run());
  assert.equal(job.problem(), null);
  assert.deepEqual(await visible(), []);
  assert.deepEqual(
    alerts.after(0, 10_000).map(({ match }) => match.read.plate),
    ['CANARY9001'],
    'an alert whose read a case keeps stays with it',
  );
  const went = recordsOf('retention.receipt').flatMap(({ request }) =>
    Object.keys((request as { copies: Record<string, number> }).copies),
  );
  assert.deepEqual(readdirSync(backupFolder()), [], 'the day in the backup folder');
  assert.deepEqual([...new Set(went)].sort(), [
    'alert_pictures',
    'alerts',
    'backups',
    'exports',
    'forwarded_alerts',
    'spooled_reads',
  ]);
  await until(
    'only what the case keeps to be left in any file',
    () => canariesOnDisk().join() === 'CANARY9001',
    90_000,
  );
  await world.did('rec', 'hold.release', { caseNo, disposition: 'judgment' });
  const disposed = must(await cases.dispose(world.as('rec'), caseNo));
  assert.deepEqual(disposed.certificate.readIds, ['boot-north-9001']);
  must(await job.run());
  await until('what the case kept to be gone too', () => canariesOnDisk().length === 0, 90_000);
});
