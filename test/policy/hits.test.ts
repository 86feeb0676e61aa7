import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { suite } from '../support/suite.js';
import { callOf, mayStop, type Step, steps } from './hit_model.js';
import { minuteMs, staffedWorld, type World } from './world.js';

const { test, before, after } = suite('hits (T10)');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

async function newHit(more: object = {}): Promise<string> {
  const input = {
    alertId: 'alert-1',
    readId: `read-${world.ledger.size}`,
    cameraId: 'elm-1',
    entryId: 'list-1',
    category: 'stolen_vehicle',
    plate: 'TST1234',
    state: 'MA',
    ...more,
  };
  const hit = await world.did('SYS', 'hit.open', input);
  world.clock.advance(3000);
  return hit.id('hit');
}
const look = (hitId: string, typedPlate = 'tst 1234', pickedState = 'MA') => ({
  hitId,
  typedPlate,
  pickedState,
  shownAtMs: 0,
});
const active = (hitId: string, isActive = true) => ({ hitId, source: 'cjis', reference: 'txn-1', active: isActive });

test('a stop needs both the comparison by a person and the status [IV.A.8.a(1)] [IV.A.8.a(2)]', async () => {
  const hitId = await newHit();
  assert.equal((await world.refused('op', 'hit.record_stop', { hitId })).code, 'VERIFICATION_INCOMPLETE');
  await world.did('op', 'hit.verify', look(hitId));
  const half = await world.refused('op', 'hit.record_stop', { hitId });
  assert.deepEqual([half.code, half.clause], ['VERIFICATION_INCOMPLETE', 'IV.A.8.a(2)']);
  await world.did('op', 'hit.check_status', active(hitId));
  await world.did('op', 'hit.record_stop', { hitId });
});

for (const [seen, state, code] of [
  ['TST1734', 'MA', 'PLATE_MISMATCH'],
  ['TST123A', 'MA', 'PLATE_MISMATCH'],
  ['TST123', 'MA', 'PLATE_MISMATCH'],
  ['TST1234', 'NH', 'STATE_MISMATCH'],
] as const) {
  test(`${seen} ${state} seen for TST1234 MA closes the hit: ${code} [IV.A.8.a(1)]`, async () => {
    const hitId = await newHit();
    assert.equal((await world.refused('op', 'hit.verify', look(hitId, seen, state))).code, code);
    assert.equal(world.governance.state().hits.get(hitId)?.closed?.disposition, 'mismatch');
    assert.equal((await world.refused('op', 'hit.verify', look(hitId))).code, 'WRONG_STATE');
    await world.refused('op', 'hit.record_stop', { hitId });
  });
}

test('nobody verifies faster than a person can look [IV.A.8.a(1)]', async () => {
  const hitId = await newHit();
  const input = { ...look(hitId), shownAtMs: world.clock.nowMs() - 1999 };
  assert.equal((await world.refused('op', 'hit.verify', input)).code, 'VERIFICATION_INCOMPLETE');
});

test('a vehicle that was stopped is closed as acted on, not dismissed [IV.B.1.a(2)]', async () => {
  const hitId = await newHit();
  await world.did('op', 'hit.verify', look(hitId));
  await world.did('op', 'hit.check_status', active(hitId));
  await world.did('op', 'hit.record_stop', { hitId });
  const dismissed = { hitId, disposition: 'dismissed', note: 'never happened' };
  assert.equal((await world.refused('op', 'hit.close', dismissed)).code, 'WRONG_STATE');
  await world.did('op', 'hit.close', { ...dismissed, disposition: 'acted_on', caseNo: '26-0101' });
});

test('a status that is not active closes the hit [IV.A.8.a(2)]', async () => {
  const hitId = await newHit();
  await world.did('op', 'hit.verify', look(hitId));
  await world.did('op', 'hit.check_status', active(hitId, false));
  await world.refused('op', 'hit.record_stop', { hitId });
});

test('a deferred check allows a stop until it is due, then shows as late [IV.A.8.a(2)]', async () => {
  const hitId = await newHit();
  await world.did('op', 'hit.verify', look(hitId));
  const late = { hitId, why: 'radio is busy', dueMs: world.clock.nowMs() + 16 * minuteMs };
  assert.equal((await world.refused('op', 'hit.defer', late)).code, 'EXPIRY_REQUIRED');
  await world.did('op', 'hit.defer', { ...late, dueMs: world.clock.nowMs() + 15 * minuteMs });
  world.clock.advance(15 * minuteMs);
  await world.did('op', 'hit.record_stop', { hitId });
  world.clock.advance(1);
  assert.ok(world.governance.dutiesDue().some((duty) => duty.sentence.includes(hitId) && duty.owner === 'supervisor'));
  await world.refused('op', 'hit.record_stop', { hitId });
});

test('what was acted on needs a case number and is preserved by the same record [IV.B.1.a(2)]', async () => {
  const hitId = await newHit();
  const closing = { hitId, disposition: 'acted_on', note: 'vehicle recovered' };
  await world.did('op', 'hit.verify', look(hitId));
  const half = await world.refused('op', 'hit.close', { ...closing, caseNo: '26-0100' });
  assert.deepEqual([half.code, half.clause], ['VERIFICATION_INCOMPLETE', 'IV.A.8.a(2)']);
  await world.did('op', 'hit.check_status', active(hitId));
  assert.equal((await world.refused('op', 'hit.close', closing)).code, 'CASE_NUMBER_REQUIRED');
  const done = await world.did('op', 'hit.close', { ...closing, caseNo: '26-0100' });
  const readId = world.governance.state().hits.get(hitId)?.readId as string;
  assert.deepEqual(world.governance.state().holds.get('26-0100')?.readIds, [readId]);
  assert.equal((done.record.effect as { preserved: string }).preserved, readId);
});

test('a vehicle that does not look as described stops the hit until a supervisor overrides [IV.A.7.e]', async () => {
  const hitId = await newHit();
  const differs = { hitId, what: 'a red van, not a grey saloon' };
  assert.equal((await world.refused('rec', 'hit.report_conflict', differs)).code, 'ROLE_REQUIRED');
  await world.did('op', 'hit.report_conflict', differs);
  assert.equal((await world.refused('op', 'hit.report_conflict', differs)).code, 'WRONG_STATE');
  assert.equal((await world.refused('op', 'hit.verify', look(hitId))).clause, 'IV.A.7.e');
  assert.equal((await world.refused('op', 'hit.override_description', { hitId, why: 'x' })).code, 'ROLE_REQUIRED');
  await world.did('sup', 'hit.override_description', { hitId, why: 'repainted, owner told us' });
  await world.did('op', 'hit.verify', look(hitId));
  const late = await newHit();
  await world.did('op', 'hit.verify', look(late));
  assert.equal((await world.refused('op', 'hit.report_conflict', { ...differs, hitId: late })).code, 'WRONG_STATE');
});

test('an open hit is handed over to somebody who can go on, and what is due stays due [IV.A.8.a(2)] [IV.A.2]', async () => {
  const hitId = await newHit();
  const hit = () => world.governance.state().hits.get(hitId);
  await world.did('op', 'hit.verify', look(hitId));
  const dueMs = world.clock.nowMs() + 10 * minuteMs;
  await world.did('op', 'hit.defer', { hitId, why: 'radio is busy', dueMs });
  const note = 'the van stands at the corner of Elm Street; the status is still open';
  for (const to of ['tech', 'aud', 'nobody']) {
    assert.equal((await world.refused('op', 'hit.hand_over', { hitId, to, note })).code, 'NOT_DESIGNATED', to);
  }
  assert.equal((await world.refused('op', 'hit.hand_over', { hitId, to: 'op', note })).code, 'WRONG_STATE');
  assert.equal((await world.refused('rec', 'hit.hand_over', { hitId, note })).code, 'ROLE_REQUIRED');
  await world.did('op', 'hit.hand_over', { hitId, to: 'op2', note });
  await world.did('op2', 'hit.hand_over', { hitId, note: 'to the night shift' });
  assert.deepEqual(
    hit()?.handovers.map(({ by, to }) => [by, to]),
    [
      ['op', 'op2'],
      ['op2', null],
    ],
  );
  assert.deepEqual([hit()?.deferral?.dueMs, hit()?.verified?.by], [dueMs, 'op']);
  assert.equal((await world.refused('op2', 'hit.defer', { hitId, why: 'again', dueMs })).code, 'WRONG_STATE');
  await world.did('op2', 'hit.check_status', active(hitId, false));
  assert.equal((await world.refused('op2', 'hit.hand_over', { hitId, note })).code, 'WRONG_STATE', 'it is closed');
});

test('a hit goes to nobody who is not told of its category, or is frozen [IV.A.3] [II.pre]', async () => {
  const hitId = await newHit();
  const over = { hitId, to: 'op2', note: 'shift ends' };
  await world.did('op2', 'profile.set', { categories: ['warrant'] });
  await world.refused('op', 'hit.hand_over', over);
  await world.did('op2', 'profile.set', { categories: ['stolen_vehicle'] });
  await world.did('chief', 'user.freeze', { userId: 'op2', why: 'test' });
  await world.refused('op', 'hit.hand_over', over);
  await world.did('chief', 'user.unfreeze', { userId: 'op2', why: 'test' });
  await world.did('op', 'hit.hand_over', over);
});

test('a description without a plate never leads to a stop [IV.A.7.e]', async () => {
  const hitId = await newHit({ plate: null, state: null });
  await world.refused('op', 'hit.verify', look(hitId));
  await world.did('op', 'hit.check_status', active(hitId));
  await world.refused('op', 'hit.record_stop', { hitId });
});

test('a hit of a prohibited category can not exist [III.L] [IV.A.3.b(4)]', async () => {
  const input = {
    alertId: 'a',
    readId: 'r',
    cameraId: 'c',
    entryId: 'e',
    category: 'immigration',
    plate: 'TST1',
    state: 'MA',
  };
  assert.equal((await world.refused('SYS', 'hit.open', input)).code, 'CATEGORY_PROHIBITED');
});

async function play(hitId: string, step: Step): Promise<void> {
  const call = callOf(step, { hitId, plate: 'TST1234', state: 'MA', nowMs: world.clock.nowMs() });
  if (call === null) world.clock.advance(2 * minuteMs);
  else await world.governance.execute(call, world.as('op'));
}

test('over generated sequences of calls a stop is reachable exactly with both halves [IV.A.8.a(1)] [IV.A.8.a(2)]', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { maxLength: 6 }), async (played) => {
      const hitId = await newHit();
      for (const step of played) await play(hitId, step);
      const stop = await world.governance.execute({ action: 'hit.record_stop', input: { hitId } }, world.as('op'));
      assert.equal(stop.ok, mayStop(played), played.join(' '));
    }),
    { numRuns: 150 },
  ));
