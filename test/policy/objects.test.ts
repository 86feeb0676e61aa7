import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { dayMs, digest, hastyDisk, shippedPolicy, staffedWorld, startMs, type World } from './world.js';

const { test, before, after } = suite('what a command is about');
let world: World;
before(async () => {
  world = await staffedWorld(shippedPolicy, hastyDisk);
});
after(() => world.close());

const why = 'a test';
const about = { plate: 'TST-1234', state: 'MA', category: 'department_hot_list', caseNo: '26-0042', why };
const entry = () => ({ ...about, expiresAtMs: world.clock.nowMs() + 20 * dayMs });
const place = { latitude: 42.3736, longitude: -71.1097 };
const baseline = { tiltDegrees: 0, plateHeightPx: 30, confidence: 0.9, sharpness: 1, clockOffsetMs: 0 };
const papers = { name: 'V', addendumAtMs: 1, screenedAtMs: 1 };
const session = { courseHash: digest('a'), attendanceSha256: digest('b') };

/** Who may do it, what, and to what that does not exist. */
const unknown: () => readonly (readonly [who: string, action: string, input: object])[] = () => [
  ['chief', 'exception.end', { exceptionId: 'exception-0', why }],
  ['chief', 'audit.answer', { auditId: 'audit-0', findingId: 'finding-0', answer: 'a' }],
  ['chief', 'camera.approve', { cameraId: 'nowhere' }],
  ['tech', 'camera.move', { cameraId: 'nowhere', ...place }],
  ['tech', 'camera.check', { cameraId: 'nowhere', passed: true, findings: 'a' }],
  ['op', 'camera.take_out', { cameraId: 'nowhere', why }],
  ['SYS', 'camera.set_baseline', { cameraId: 'nowhere', baseline }],
  ['tech', 'camera.repair', { cameraId: 'nowhere', done: 'a' }],
  ['tech', 'camera.put_in', { cameraId: 'nowhere' }],
  ['chief', 'absence.close', { absenceId: 'absence-0' }],
  ['op', 'hit.report_conflict', { hitId: 'hit-0', what: 'a' }],
  ['sup', 'hit.override_description', { hitId: 'hit-0', why }],
  ['op', 'hit.check_status', { hitId: 'hit-0', source: 'cjis', reference: 'r', active: true }],
  ['op', 'hit.defer', { hitId: 'hit-0', why, dueMs: world.clock.nowMs() + 1000 }],
  ['op', 'hit.close', { hitId: 'hit-0', disposition: 'dismissed', note: 'a' }],
  ['sup', 'entry.create', { ...entry(), requestId: 'request-0' }],
  ['op', 'entry.request', { ...entry(), originAgency: 'nobody' }],
  ['sup', 'entry.update', { ...entry(), entryId: 'entry-0' }],
  ['sup', 'entry.review', { entryId: 'entry-0', why }],
  ['sup', 'entry.remove', { entryId: 'entry-0', why }],
  ['SYS', 'alert.forward', { entryId: 'entry-0', alertId: 'a' }],
  ['chief', 'mou.record', { agencyId: 'nobody', documentSha256: digest('1'), scope: ['alerts'], fromMs: 1, toMs: 2 }],
  ['chief', 'mou.end', { agencyId: 'nobody', why }],
  ['chief', 'vendor.open_window', { userId: 'op', ticket: 't', fromMs: 1, toMs: 2 }],
  ['chief', 'misuse.flag', { userId: 'nobody', pattern: 'p', text: 'a' }],
  ['chief', 'misuse.close', { misuseId: 'misuse-0', finding: 'a' }],
  ['head', 'policy.dispose', { recommendationId: 'recommendation-0', disposition: 'a' }],
  ['rec', 'change.approve', { changeId: 'change-0' }],
  ['tech', 'ticket.close', { ticketId: 'ticket-0', answer: 'a' }],
  ['rec', 'retention.approve', { proposalId: 'retention-0' }],
  ['trn', 'training.acknowledge', { reportId: 'report-0' }],
  ['tech', 'training.record_session', { ...session, attendees: ['nobody'], heldAtMs: startMs }],
  ['chief', 'exception.grant', { userId: 'nobody', category: 'immigration', caseNo: '26-0042', facts: why, toMs: 1 }],
  ['chief', 'designation.grant', { userId: 'nobody', role: 'operator', scope: 'a' }],
  ['chief', 'designation.revoke', { designationId: 'designation-0', why }],
  ['head', 'principal.set', { userId: 'nobody', replaces: 'chief' }],
  ['chief', 'user.remove', { userId: 'nobody', why }],
  ['chief', 'user.freeze', { userId: 'nobody', why }],
  ['chief', 'user.unfreeze', { userId: 'nobody', why }],
  ['chief', 'user.reenable', { userId: 'nobody', why }],
  ['chief', 'user.recover', { userId: 'nobody', why }],
];

test('what does not exist is not found, whatever is asked of it [II.E] [III.L] [IV.A.7.b] [IV.D.2]', async () => {
  for (const [who, action, input] of unknown())
    assert.equal((await world.refused(who, action, input)).code, 'NOT_FOUND', action);
});

test('what there is can be ended: an exception, an absence, an agreement [IV.A.4] [IV.A.6] [IV.D.2]', async () => {
  const absence = await world.did('chief', 'absence.open', { fromMs: startMs, toMs: startMs + dayMs, why });
  await world.did('chief', 'absence.close', { absenceId: absence.id('absence') });
  await world.did('chief', 'agency.register', { agencyId: 'next-town', name: 'Next Town', kind: 'agency' });
  const mou = { agencyId: 'next-town', documentSha256: digest('1'), scope: ['alerts'], fromMs: startMs };
  const backwards = await world.refused('chief', 'mou.record', { ...mou, toMs: startMs });
  assert.deepEqual([backwards.code, backwards.clause], ['EXPIRY_REQUIRED', 'IV.D.2']);
  await world.did('chief', 'mou.record', { ...mou, toMs: startMs + dayMs });
  await world.did('chief', 'mou.end', { agencyId: 'next-town', why });
  const facts = 'witness saw this person leave the invented burglary on Elm Street';
  const wanted = { userId: 'op', category: 'immigration', caseNo: '26-0042', facts, toMs: world.clock.nowMs() + dayMs };
  const given = await world.did('chief', 'exception.grant', wanted);
  await world.did('chief', 'exception.end', { exceptionId: given.id('exception'), why });
});

test('one name is one agency, one camera [I.p2] [IV.D.2]', async () => {
  const agency = { agencyId: 'twice', name: 'T', kind: 'agency' };
  await world.did('chief', 'agency.register', agency);
  assert.equal((await world.refused('chief', 'agency.register', agency)).code, 'DUPLICATE_ID');
});

test('an absence, and a designation, ends after it begins and in time [IV.A.6] [III.D]', async () => {
  for (const toMs of [startMs, startMs + 400 * dayMs])
    assert.equal((await world.refused('chief', 'absence.open', { fromMs: startMs, toMs, why })).clause, 'IV.A.6');
  const backwards = { userId: 'op', role: 'supervisor', scope: 'a', toMs: startMs - 1 };
  assert.equal((await world.refused('chief', 'designation.grant', backwards)).code, 'EXPIRY_REQUIRED');
});

test('nobody removes or names oneself administrator, and the administrator is not removed [II.E] [III.D]', async () => {
  assert.equal((await world.refused('designee', 'user.remove', { userId: 'designee', why })).code, 'SELF_APPROVAL');
  assert.equal((await world.refused('designee', 'user.remove', { userId: 'chief', why })).code, 'WRONG_STATE');
  const own = { userId: 'head', replaces: 'chief' };
  assert.equal((await world.refused('head', 'principal.set', own)).code, 'SELF_APPROVAL');
  for (const action of ['user.unfreeze', 'user.reenable', 'user.recover'])
    assert.equal((await world.refused('chief', action, { userId: 'chief', why })).code, 'SELF_APPROVAL', action);
});

test('an entry names a plate and its state, or a vehicle, and a changed one is held to the same [IV.A.7.a] [IV.A.7.d] [IV.A.7.e]', async () => {
  const nothing = { ...entry(), plate: null, state: null, expiresAtMs: world.clock.nowMs() + dayMs };
  assert.equal((await world.refused('op', 'entry.request', nothing)).clause, 'IV.A.7.e');
  assert.equal((await world.refused('op', 'entry.request', { ...entry(), state: null })).clause, 'IV.A.7.d');
  const entryId = (await world.did('sup', 'entry.create', entry())).id('entry');
  const changed = { ...entry(), entryId, category: 'immigration' };
  assert.equal((await world.refused('sup', 'entry.update', changed)).code, 'CATEGORY_PROHIBITED');
});

test('a session is recorded after it was held [IV.E.3]', async () => {
  const future = { ...session, attendees: ['op'], heldAtMs: world.clock.nowMs() + dayMs };
  assert.equal((await world.refused('tech', 'training.record_session', future)).code, 'INPUT_INVALID');
});

test('a vendor account needs papers on record, and a window papers that have not run out [IV.C.3.a]', async () => {
  const account = { userId: 'vnd', name: 'V', kind: 'vendor', vendorId: 'v-1' };
  assert.equal((await world.refused('chief', 'user.create', account)).code, 'VENDOR_NOT_COMPLIANT');
  await world.did('chief', 'vendor.record', { ...papers, vendorId: 'v-1', expiresAtMs: startMs + dayMs });
  await world.did('chief', 'user.create', account);
  world.clock.advance(dayMs);
  const nowMs = world.clock.nowMs();
  const late = { userId: 'vnd', ticket: 't', fromMs: nowMs, toMs: nowMs + 1000 };
  assert.equal((await world.refused('chief', 'vendor.open_window', late)).code, 'VENDOR_NOT_COMPLIANT');
});

test('a suspension begins once, and two people lift it [II.C]', async () => {
  const order = { orderNo: 'o-1', why };
  assert.equal((await world.refused('chief', 'system.propose_resume', order)).code, 'WRONG_STATE');
  await world.did('chief', 'system.suspend', order);
  assert.equal((await world.refused('chief', 'system.suspend', order)).code, 'WRONG_STATE');
  await world.did('chief', 'designation.grant', {
    userId: 'designee',
    role: 'department_head',
    scope: 'a',
    toMs: startMs + 9 * dayMs,
  });
  await world.did('designee', 'system.propose_resume', order);
  assert.equal((await world.refused('designee', 'system.resume', { orderNo: 'o-1' })).code, 'SELF_APPROVAL');
  await world.did('head', 'system.resume', { orderNo: 'o-1' });
});
