import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { dayMs, digest, hourMs, staffedWorld, type World } from './world.js';

const { test, before, after } = suite('manual entries');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

const entry = (more: object = {}) => ({
  plate: 'TST-1234',
  state: 'MA',
  category: 'department_hot_list',
  caseNo: '26-0042',
  expiresAtMs: world.clock.nowMs() + 20 * dayMs,
  why: 'seen at the invented robbery',
  ...more,
});
const cjis = (entryId: string, more: object = {}) => ({
  entryId,
  reference: `txn-${entryId}`,
  queriedAtMs: world.clock.nowMs(),
  returnedPlate: 'tst 1234',
  returnedState: 'MA',
  ...more,
});
const active = () => world.governance.activeEntries().map((one) => one.entryId);

test('only a supervisor enters [IV.A.7.c]', async () => {
  for (const who of ['op', 'chief', 'designee', 'duty', 'tech', 'rec', 'trn', 'aud', 'head', 'SYS']) {
    assert.equal(
      (await world.refused(who, 'entry.create', entry())).code === 'ROLE_REQUIRED' || who === 'tech',
      true,
      who,
    );
  }
});

test('an operator asks, another person enters, both are on record [IV.A.7.b] [IV.A.7.c]', async () => {
  const asked = await world.did('op', 'entry.request', entry());
  const made = await world.did('sup', 'entry.create', { ...entry(), requestId: asked.id('request') });
  const kept = world.governance.state().entries.get(made.id('entry'));
  assert.deepEqual([kept?.requestedBy, kept?.enteredBy], ['op', 'sup']);
  const own = await world.did('sup', 'entry.request', entry());
  const refused = await world.refused('sup', 'entry.create', { ...entry(), requestId: own.id('request') });
  assert.equal(refused.code, 'SELF_APPROVAL');
});

test('an entry that was removed is not checked any more [IV.A.7.a]', async () => {
  const entryId = (await world.did('sup', 'entry.create', entry())).id('entry');
  await world.did('sup', 'entry.remove', { entryId, why: 'the car is back' });
  assert.equal((await world.refused('sup2', 'entry.check_cjis', cjis(entryId))).code, 'ENTRY_EXPIRED');
});

test('an entry matches only after CJIS returned the same plate and state [IV.A.7.d]', async () => {
  const id = (await world.did('sup', 'entry.create', entry())).id('entry');
  assert.equal(active().includes(id), false);
  const codes: string[] = [];
  for (const more of [
    { returnedPlate: 'TST1235' },
    { returnedState: 'NH' },
    { queriedAtMs: world.clock.nowMs() - 25 * hourMs },
  ]) {
    codes.push((await world.refused('sup2', 'entry.check_cjis', cjis(id, more))).code);
  }
  assert.deepEqual(codes, ['PLATE_MISMATCH', 'STATE_MISMATCH', 'CJIS_VERIFICATION_REQUIRED']);
  assert.equal((await world.refused('sup', 'entry.check_cjis', cjis(id))).code, 'SELF_APPROVAL');
  await world.did('sup2', 'entry.check_cjis', cjis(id));
  assert.equal(active().includes(id), true);
  const other = (await world.did('sup', 'entry.create', entry({ plate: 'TST9' }))).id('entry');
  const reused = cjis(other, { returnedPlate: 'TST9', reference: `txn-${id}` });
  assert.equal((await world.refused('sup2', 'entry.check_cjis', reused)).code, 'CJIS_VERIFICATION_REQUIRED');
});

test('an entry has an authorised category, a case and an end within 30 days [IV.A.7.a]', async () => {
  const codes: string[] = [];
  for (const more of [
    { category: 'violent_person' },
    { category: 'boat' },
    { expiresAtMs: null },
    { expiresAtMs: world.clock.nowMs() + 31 * dayMs },
    { caseNo: 'none' },
  ]) {
    codes.push((await world.refused('sup', 'entry.create', entry(more))).code);
  }
  assert.deepEqual(codes, [
    'CATEGORY_PROHIBITED',
    'CATEGORY_UNKNOWN',
    'EXPIRY_REQUIRED',
    'EXPIRY_REQUIRED',
    'INPUT_INVALID',
  ]);
});

test('an unreviewed entry stops matching, a review lets it match again, its end ends it [IV.A.7.a]', async () => {
  const one = await staffedWorld();
  const ends = one.clock.nowMs() + 10 * dayMs;
  const id = (await one.did('sup', 'entry.create', entry({ expiresAtMs: ends }))).id('entry');
  await one.did('sup2', 'entry.check_cjis', cjis(id, { queriedAtMs: one.clock.nowMs() }));
  const matches = () => one.governance.activeEntries().length === 1;
  one.clock.advance(7 * dayMs);
  assert.equal(matches(), true);
  one.clock.advance(1);
  assert.equal(matches(), false);
  await one.did('sup', 'entry.review', { entryId: id, why: 'still wanted' });
  assert.equal(matches(), true);
  one.clock.advance(3 * dayMs);
  assert.equal(matches(), false);
  assert.equal((await one.refused('sup', 'entry.review', { entryId: id, why: 'late' })).code, 'ENTRY_EXPIRED');
  await one.close();
});

test('a change supersedes and is checked anew; a removed entry stops at once [IV.A.7.a]', async () => {
  const id = (await world.did('sup', 'entry.create', entry({ plate: 'TST55' }))).id('entry');
  await world.did('sup2', 'entry.check_cjis', cjis(id, { returnedPlate: 'TST55' }));
  await world.did('sup', 'entry.update', { ...entry({ plate: 'TST56' }), entryId: id });
  assert.deepEqual([active().includes(id), world.governance.state().entries.get(id)?.version], [false, 2]);
  await world.did('sup2', 'entry.check_cjis', cjis(id, { returnedPlate: 'TST56', reference: 'txn-new' }));
  assert.equal(active().includes(id), true);
  await world.did('sup', 'entry.remove', { entryId: id, why: 'recovered' });
  assert.equal(active().includes(id), false);
});

test('a description without a plate ends within 72 hours [IV.A.7.e]', async () => {
  const vehicle = { make: 'Ford', colour: 'green', type: 'van' };
  const without = entry({ plate: null, state: null, vehicle });
  assert.equal((await world.refused('sup', 'entry.create', without)).code, 'EXPIRY_REQUIRED');
  await world.did('sup', 'entry.create', { ...without, expiresAtMs: world.clock.nowMs() + 72 * hourMs });
  assert.equal((await world.refused('sup', 'entry.create', { ...without, vehicle: null })).clause, 'IV.A.7.e');
});

test('the originating agency is told only under a live agreement; the state agency needs none [IV.A.7.b] [IV.D.2] [III.J]', async () => {
  const now = world.clock.nowMs();
  for (const [agencyId, kind] of [
    ['neighbour-pd', 'agency'],
    ['state-dcjis', 'dcjis'],
  ]) {
    await world.did('chief', 'agency.register', { agencyId, name: agencyId, kind });
  }
  const make = async (originAgency: string) =>
    (await world.did('sup', 'entry.create', entry({ originAgency }))).id('entry');
  const [theirs, states] = [await make('neighbour-pd'), await make('state-dcjis')];
  const forward = { entryId: theirs, alertId: 'alert-9' };
  assert.equal((await world.refused('SYS', 'alert.forward', forward)).code, 'MOU_REQUIRED');
  await world.did('SYS', 'alert.forward', { ...forward, entryId: states });
  const mou = { agencyId: 'neighbour-pd', documentSha256: digest('f'), fromMs: now, toMs: now + dayMs };
  await world.did('chief', 'mou.record', { ...mou, scope: ['case_data'] });
  assert.equal((await world.refused('SYS', 'alert.forward', forward)).code, 'MOU_REQUIRED');
  await world.did('chief', 'mou.record', { ...mou, scope: ['alerts'] });
  await world.did('SYS', 'alert.forward', forward);
  world.clock.advance(dayMs);
  assert.equal((await world.refused('SYS', 'alert.forward', forward)).code, 'MOU_REQUIRED');
  const second = { agencyId: 'fake-dcjis', name: 'x', kind: 'dcjis' };
  assert.equal((await world.refused('chief', 'agency.register', second)).clause, 'III.J');
});
