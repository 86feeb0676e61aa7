import { strict as assert } from 'node:assert';
import { startOversightJob } from '../../src/governed/oversight_job.js';
import { silentLog } from '../../src/observe/log.js';
import { suite } from '../support/suite.js';
import { addUser, dayMs, digest, goodReason, minuteMs, must, staffedWorld, system, type World } from './world.js';

/** T19: what became publicly known of such systems elsewhere, tried here. Each is refused, or allowed and flagged. */
const { test, before, after } = suite('publicly known misuse (T19)');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

async function search(userId: string, more: object = {}): Promise<string> {
  const nowMs = world.clock.nowMs();
  const input = {
    reason: goodReason,
    plate: 'TST1234',
    cameras: ['elm-1'],
    fromMs: nowMs - dayMs,
    toMs: nowMs,
    rows: 50,
    ...more,
  };
  const answer = await world.governance.openAccess('reads.search', input, world.as(userId));
  if (!answer.ok) assert.notEqual(answer.error.sequence, null, 'the refusal is on record');
  return answer.ok ? 'allowed' : answer.error.code;
}
const because = (facts: string, caseNo: string | null = '26-0001') => ({
  reason: { basis: 'criminal_investigation', facts, caseNo, orderNo: null },
});
let hits = 0;
async function hit(): Promise<{ hitId: string; shownAtMs: number }> {
  hits += 1;
  const about = {
    alertId: `a${hits}`,
    readId: `r${hits}`,
    cameraId: 'elm-1',
    entryId: `e${hits}`,
    category: 'stolen_vehicle',
  };
  const opened = await world.did('SYS', 'hit.open', { ...about, plate: '5SOW350', state: 'CA' });
  const shownAtMs = world.clock.nowMs();
  world.clock.advance(5_000);
  return { hitId: opened.id('hit'), shownAtMs };
}

test('thousands of searches with the reason "investigation" [IV.A.1] [II.A]', async () => {
  for (const facts of ['investigation', 'Investigation.', 'invest', 'police business', 'case 26-0001 investigation'])
    assert.equal(await search('op', because(facts)), 'REASON_INSUFFICIENT', facts);
});

test('searches for immigration enforcement and about reproductive care, whoever asks [II.A] [IV.D.1]', async () => {
  assert.equal(
    await search('op', because('locate this person for immigration removal from the area')),
    'PURPOSE_PROHIBITED',
  );
  assert.equal(
    await search('sup', because('had an abortion, search for this woman everywhere please')),
    'PURPOSE_PROHIBITED',
  );
});

test('searches run for another agency that has no agreement [IV.D.2]', async () => {
  const onBehalfOf = { agencyId: 'far-county', requestor: 'a deputy of an invented county' };
  assert.equal(await search('op', { onBehalfOf }), 'MOU_REQUIRED');
  await world.did('chief', 'agency.register', { agencyId: 'far-county', name: 'Far county', kind: 'agency' });
  assert.equal(await search('op', { onBehalfOf }), 'MOU_REQUIRED', 'being known is no agreement');
});

test('one officer who searches one person again and again [IV.A.5] [IV.B.1.a(4)]', async () => {
  const tries: string[] = [];
  for (let time = 0; time < 6; time += 1)
    tries.push(
      await search('op2', {
        plate: 'EXWIFE1',
        ...because(`seen near the invented school on occasion ${time} again`, `26-10${time}`),
      }),
    );
  assert.equal(tries.filter((code) => code === 'allowed').length, 2, 'the third needs a supervisor');
  assert.ok(tries.slice(2).every((code) => code === 'EXCEPTION_REQUIRED'));
});

test('everything that passed a camera, to see who was at a gathering [IV.A.5] [II.A]', async () => {
  assert.equal(await search('op', { plate: null }), 'EXCEPTION_REQUIRED');
  assert.equal(
    await search('op', { plate: null, ...because('list who came to the protest on the square') }),
    'PURPOSE_PROHIBITED',
  );
});

test('suspicious patterns that pass every rule are flagged once, and a person has to close them [IV.B.1.a(4)] [II.pre]', async () => {
  const facts = 'witness named this plate after the invented robbery';
  for (let plate = 0; plate < 5; plate += 1)
    assert.equal(await search('sup2', { plate: `WORD12${plate}`, ...because(facts, `26-20${plate}`) }), 'allowed');
  const job = startOversightJob(world.governance, world.ledger, silentLog);
  await job.look();
  await job.look();
  job.stop();
  const flags = [...world.governance.state().misuse.values()].filter((one) => one.userId === 'sup2');
  assert.deepEqual(flags, [{ userId: 'sup2', pattern: 'same_words', closed: false }]);
});

test('a plate misread by one character, and the right characters of another state [IV.A.8.a(1)]', async () => {
  const misread = await world.refused('op', 'hit.verify', {
    ...(await hit()),
    typedPlate: '5SOW750',
    pickedState: 'CA',
  });
  assert.equal(misread.code, 'PLATE_MISMATCH');
  const elsewhere = await world.refused('op', 'hit.verify', {
    ...(await hit()),
    typedPlate: '5SOW350',
    pickedState: 'CO',
  });
  assert.equal(elsewhere.code, 'STATE_MISMATCH');
});

test('a stop on the machine’s word, and on a record that was never cleared [IV.A.8.a(1)] [IV.A.8.a(2)]', async () => {
  const { hitId, shownAtMs } = await hit();
  assert.equal((await world.refused('op', 'hit.record_stop', { hitId })).code, 'VERIFICATION_INCOMPLETE');
  await world.did('op', 'hit.verify', { hitId, shownAtMs, typedPlate: '5SOW350', pickedState: 'CA' });
  assert.equal((await world.refused('op', 'hit.record_stop', { hitId })).code, 'VERIFICATION_INCOMPLETE');
  await world.did('op', 'hit.check_status', { hitId, source: 'ncic', reference: 'NIC-1', active: false });
  assert.equal(
    (await world.refused('op', 'hit.record_stop', { hitId })).code,
    'WRONG_STATE',
    'recovered long ago: closed',
  );
});

test('cameras a vendor installed without approval show nothing [IV.B.1.a(9)] [IV.C.3.a]', async () => {
  assert.equal(world.governance.cameraRefusal('vendors-own-camera')?.code, 'CAMERA_NOT_AUTHORIZED');
});

test('a vendor who opens sharing for months: no such switch, and no right to any [IV.C.3.a] [IV.D.2]', async () => {
  const nowMs = world.clock.nowMs();
  const papers = {
    vendorId: 'v1',
    name: 'Vendor',
    addendumAtMs: nowMs,
    screenedAtMs: nowMs,
    expiresAtMs: nowMs + 90 * dayMs,
  };
  await world.did('chief', 'vendor.record', papers);
  await world.did('chief', 'user.create', { userId: 'vend', name: 'Vendor person', kind: 'vendor', vendorId: 'v1' });
  await world.did('chief', 'designation.grant', {
    userId: 'vend',
    role: 'vendor',
    scope: 'ticket 1',
    toMs: nowMs + 60 * dayMs,
  });
  const mou = {
    agencyId: 'far-county',
    documentSha256: digest('e'),
    scope: ['case_data'],
    fromMs: nowMs,
    toMs: nowMs + dayMs,
  };
  assert.equal((await world.refused('vend', 'mou.record', mou)).code, 'VENDOR_NOT_COMPLIANT', 'outside any window');
  await world.did('chief', 'vendor.open_window', { userId: 'vend', ticket: 't1', fromMs: nowMs, toMs: nowMs + dayMs });
  await world.did('vend', 'profile.set', { categories: [] });
  for (const [action, input] of Object.entries({
    'mou.record': mou,
    'system.resume': { orderNo: 'x1' },
    'camera.approve': { cameraId: 'elm-1' },
    'retention.propose': { days: 30, why: 'longer' },
  }))
    assert.equal((await world.refused('vend', action, input)).code, 'ROLE_REQUIRED', action);
  assert.notEqual(await search('vend'), 'allowed');
});

test('rights one gives oneself, and a colleague who was never trained [IV.B.1.a(10)] [IV.E.1]', async () => {
  const own = { userId: 'designee', role: 'supervisor', scope: 'mine' };
  assert.equal((await world.refused('designee', 'designation.grant', own)).code, 'SELF_APPROVAL');
  await addUser(world, 'rookie', ['operator']);
  await world.did('rookie', 'profile.set', { categories: [] });
  assert.equal(await search('rookie'), 'TRAINING_MISSING');
});

test('plates kept for years: retention has a ceiling that nobody can lift [IV.F.1]', async () => {
  for (const days of [31, 90, 365, Number.MAX_SAFE_INTEGER])
    assert.equal(
      (await world.refused('rec', 'retention.propose', { days, why: 'to be on the safe side' })).code,
      'RETENTION_OUT_OF_RANGE',
    );
});

test('wanted for a status, not for a crime: prohibited categories are not even opened as hits [IV.A.3.b(4)] [IV.A.3.b(2)]', async () => {
  for (const category of ['immigration', 'gang_or_terrorist']) {
    const about = {
      alertId: 'a-x',
      readId: 'r-x',
      cameraId: 'elm-1',
      entryId: 'e-x',
      category,
      plate: 'TST1',
      state: 'MA',
    };
    const answer = await world.governance.execute({ action: 'hit.open', input: about }, system);
    assert.ok(!answer.ok && answer.error.code === 'CATEGORY_PROHIBITED');
  }
});

test('an auditor who audits oneself, and audits that never come [IV.C.6.b] [IV.B.1.a(5)]', async () => {
  const both = { userId: 'aud', role: 'operator', scope: 'also' };
  assert.equal((await world.refused('chief', 'designation.grant', both)).code, 'SELF_APPROVAL');
  world.clock.advance(60 * dayMs);
  for (const userId of ['op', 'chief'])
    must(
      await world.governance.note({
        action: 'session.open',
        actor_id: userId,
        actor_name: '',
        roles: [],
        decision: 'allow',
      }),
    );
  world.clock.advance(63 * dayMs + minuteMs);
  assert.equal(await search('op'), 'AUDIT_OVERDUE');
});
