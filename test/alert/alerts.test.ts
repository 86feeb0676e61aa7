import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Alerts } from '../../src/alert/alerts.js';
import { alertSettings } from '../../src/alert/settings.js';
import type { Match } from '../../src/data/match.js';
import type { ReadReport } from '../../src/data/read.js';
import { realDisk } from '../../src/files/disk.js';
import type { JournalOptions } from '../../src/files/journal.js';
import { canaryEntry, startCanary } from '../../src/hot_lists/canary.js';
import { noOverlay, Overlay } from '../../src/match/overlay.js';
import { ManualClock } from '../../src/observe/clock.js';
import { silentLog } from '../../src/observe/log.js';
import { entry, matcherOf, readOf } from '../match/support.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('alerts');
const folder = mkdtempSync(join(tmpdir(), 'platestream-alerts-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const minuteMs = 60_000;

function alertsOf(name: string, clock = new ManualClock(), journal: JournalOptions = {}) {
  const file = join(folder, `${name}.jsonl`);
  const open = () =>
    new Alerts({
      file,
      clock,
      journal,
      coolDownMs: 5 * minuteMs,
      escalateSightings: 3,
      escalateWithinMs: 30 * minuteMs,
    });
  const { matcher } = matcherOf([entry('1ZZZ11')], { stopAfterHours: 8760 });
  const seen = (id: string, cameraId: string) =>
    matcher.match(readOf('1ZZZ11', 'MA', { id, cameraId } as never)).matches[0] as never;
  return { open, clock, seen };
}

test('one vehicle at one camera is one alert within the cool-down, whatever its passes and reports; another camera is another', async () => {
  const { open, clock, seen } = alertsOf('cool');
  const alerts = open();
  assert.ok(await alerts.raise(seen('r1', 'a')));
  assert.equal(await alerts.raise(seen('r1', 'a')), null);
  clock.advance(minuteMs);
  assert.equal(await alerts.raise(seen('r2', 'a')), null);
  clock.advance(40 * minuteMs);
  assert.ok((await alerts.raise(seen('r3', 'a'))) && (await alerts.raise(seen('r4', 'b'))));
  await alerts.close();
  const again = open();
  assert.equal(await again.raise(seen('r4', 'b')), null, 'a restart forgets nothing');
  assert.equal((await again.raise(seen('r5', 'c')))?.sequence, 4);
  await again.close();
});

test('repeat sightings escalate: the third within the time breaks the cool-down once, with the cameras that saw it', async () => {
  const { open, clock, seen } = alertsOf('escalate');
  const alerts = open();
  assert.equal((await alerts.raise(seen('r1', 'a')))?.escalation, null);
  clock.advance(minuteMs);
  assert.equal(await alerts.raise(seen('r2', 'a')), null);
  clock.advance(minuteMs);
  assert.deepEqual((await alerts.raise(seen('r3', 'a')))?.escalation, { sightings: 3, cameras: ['a'] });
  clock.advance(minuteMs);
  assert.equal(await alerts.raise(seen('r4', 'a')), null);
  assert.deepEqual((await alerts.raise(seen('r5', 'b')))?.escalation, { sightings: 5, cameras: ['a', 'b'] });
  clock.advance(31 * minuteMs);
  assert.equal((await alerts.raise(seen('r6', 'a')))?.escalation, null, 'old sightings count no more');
  await alerts.close();
});

test('two hundred at once: journalled together, shown in order and only then; a repeated report waits for the alert that tells of it [III.A]', async () => {
  let [syncs, isHeld] = [0, true];
  const datasync = async (handle: number) => {
    syncs += 1;
    await until('let go', () => !isHeld);
    return realDisk.datasync(handle);
  };
  const { open, seen } = alertsOf('burst', new ManualClock(), { disk: { ...realDisk, datasync } });
  const alerts = open();
  const heard: number[] = [];
  alerts.listen(({ sequence }) => heard.push(sequence));
  const raised = Array.from({ length: 200 }, (_, i) => alerts.raise(seen(`r${i}`, `c${i}`)));
  let isRepeatDone = false;
  const repeat = alerts.raise(seen('r7', 'c7')).then((alert) => {
    isRepeatDone = true;
    return alert;
  });
  await until('a sync', () => syncs > 0);
  assert.deepEqual([heard.length, alerts.lastSequence(), alerts.after(0, 1).length, isRepeatDone], [0, 0, 0, false]);
  assert.equal(alerts.waiting, 200);
  isHeld = false;
  await Promise.all(raised);
  assert.equal(await repeat, null);
  assert.deepEqual(
    heard,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  assert.equal(syncs, 1);
  await alerts.close();
});

test('a disk that fails: nobody is shown what a restart would forget, health says so, and nothing is dropped', async () => {
  let isBroken = true;
  const datasync = (handle: number) =>
    isBroken ? Promise.reject(Object.assign(new Error(), { code: 'ENOSPC' })) : realDisk.datasync(handle);
  const { open, seen } = alertsOf('broken', new ManualClock(), {
    disk: { ...realDisk, datasync },
    writeAgainMs: 1,
  });
  const alerts = open();
  const held = [alerts.raise(seen('r1', 'a')), alerts.raise(seen('r2', 'b'))];
  await until('red', () => alerts.problems().some((one) => one.includes('ENOSPC') && one.includes('held')));
  assert.equal(alerts.lastSequence(), 0);
  isBroken = false;
  await Promise.all(held);
  assert.deepEqual([alerts.lastSequence(), alerts.problems()], [2, []]);
  await alerts.close();
});

test('a canary goes the way of all reads, says that it is one, waits for nobody, and is missed when it does not arrive', async () => {
  const { open } = alertsOf('canary');
  const alerts = open();
  const { matcher } = matcherOf([]);
  matcher.useOverlay(new Overlay({ ...noOverlay, version: 1, entries: [canaryEntry], categories: ['warrant'] }));
  const settings = alertSettings.parse({ canaryEverySeconds: 0.05, canaryWithinSeconds: 1 });
  let [arrived, failed, isBroken] = [0, 0, false];
  const report = async ({ read }: ReadReport) => {
    if (!isBroken) await Promise.all(matcher.match(read).matches.map((match) => alerts.raise(match)));
  };
  const canary = startCanary({
    settings,
    report,
    listen: (listener) => alerts.listen(listener),
    isPaused: () => false,
    observe: { arrived: () => (arrived += 1), failed: () => (failed += 1) },
    log: silentLog,
  });
  await until('canaries, none of them cooled down', () => arrived > 2);
  assert.deepEqual([alerts.after(0, 1)[0]?.canary, alerts.unacknowledged(), failed], [true, 0, 0]);
  isBroken = true;
  await until('a missed canary', () => failed > 0);
  canary.stop();
  await alerts.close();
});

test('an alert goes with its read, from the journal too, unless a case keeps it; numbers go on where they were [IV.F.1] [IV.F.2]', async () => {
  const { open, clock, seen } = alertsOf('forgotten');
  const alerts = open();
  const match = (id: string, camera: string, capturedAtMs: number) => {
    const one = seen(id, camera) as Match;
    return { ...one, read: { ...one.read, capturedAtMs } };
  };
  const bornMs = clock.nowMs();
  for (const [i, id] of ['old', 'held', 'edge', 'young'].entries())
    assert.ok(await alerts.raise(match(id, `cam-${i}`, bornMs + (id === 'young' ? 1 : id === 'edge' ? 0 : -minuteMs))));
  alerts.attend('alert-1');
  const readsOf = (from: Alerts, after = 0) => from.after(after, 10).map((alert) => alert.match.read.id as string);
  assert.equal(await alerts.forget(bornMs, (readId) => readId === 'held'), 2, 'at the very moment');
  const check = (of: Alerts) => {
    assert.deepEqual([readsOf(of), readsOf(of, 2), readsOf(of, 4)], [['held', 'young'], ['young'], []]);
    assert.deepEqual([of.lastSequence(), of.unacknowledged()], [4, 2]);
  };
  check(alerts);
  await alerts.close();
  assert.doesNotMatch(readFileSync(join(folder, 'forgotten.jsonl'), 'utf8'), /"old"|"edge"/);
  const again = open();
  check(again);
  assert.equal((await again.raise(match('new', 'cam-9', bornMs)))?.sequence, 5);
  assert.equal(await again.forget(bornMs + minuteMs, () => false), 3);
  await again.close();
  const empty = open();
  assert.deepEqual([empty.after(0, 10), empty.lastSequence(), empty.unacknowledged()], [[], 5, 0]);
  await empty.close();
});
