import { strict as assert } from 'node:assert';
import { startOversightJob } from '../../src/governed/oversight_job.js';
import { silentLog } from '../../src/observe/log.js';
import { trainedUntilMs, yearsLater } from '../../src/policy/training.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { addUser, dayMs, digest, newWorld, shippedPolicy, staffedWorld, startMs, type World } from './world.js';

const { test, before, after } = suite('people');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

test('a login belongs to one person and is not given to another within a year [IV.C.4]', async () => {
  const one = await newWorld();
  await one.did('chief', 'user.create', { userId: 'kim', name: 'Kim' });
  assert.equal((await one.refused('chief', 'user.create', { userId: 'kim', name: 'Other' })).code, 'DUPLICATE_ID');
  await one.did('chief', 'user.remove', { userId: 'kim', why: 'left' });
  for (let day = 0; day < 364; day += 52) {
    one.clock.advance(52 * dayMs);
    await one.governance.note({
      action: 'session.open',
      actor_id: 'chief',
      actor_name: 'Chief',
      roles: [],
      decision: 'allow',
    });
  }
  assert.equal((await one.refused('chief', 'user.create', { userId: 'kim', name: 'Other' })).code, 'DUPLICATE_ID');
  one.clock.advance(dayMs);
  await one.did('chief', 'user.create', { userId: 'kim', name: 'Other' });
  await one.close();
});

test('nobody grants oneself anything, the administrator included [IV.B.1.a(10)] [III.D]', async () => {
  for (const role of ['supervisor', 'records', 'technician', 'auditor']) {
    const grant = { userId: 'chief', role, scope: 'me' };
    assert.equal((await world.refused('chief', 'designation.grant', grant)).code, 'SELF_APPROVAL');
  }
  const self = { userId: 'designee', role: 'supervisor', scope: 'me' };
  assert.equal((await world.refused('designee', 'designation.grant', self)).code, 'SELF_APPROVAL');
});

test('there is one administrator; a second is refused unless named in the place of the first [III.D] [IV.B.1.a]', async () => {
  assert.equal((await world.refused('head', 'principal.set', { userId: 'sup' })).code, 'DUPLICATE_ID');
  assert.equal(
    (await world.refused('chief', 'principal.set', { userId: 'sup', replaces: 'chief' })).code,
    'ROLE_REQUIRED',
  );
  const one = await staffedWorld();
  assert.ok(one.governance.dutiesDue().every((duty) => duty.clause !== 'IV.B.1.a'));
  await one.did('head', 'principal.set', { userId: 'designee', replaces: 'chief' });
  assert.equal(one.governance.state().principalUserId, 'designee');
  await one.close();
});

test('a designee needs an end, is named by the administrator in person, and ends to the millisecond [III.D]', async () => {
  const one = await staffedWorld();
  await addUser(one, 'pat', []);
  const grant = { userId: 'pat', role: 'administrator', scope: 'leave' };
  assert.equal((await one.refused('chief', 'designation.grant', grant)).code, 'EXPIRY_REQUIRED');
  const dated = { ...grant, toMs: one.clock.nowMs() + dayMs };
  assert.equal((await one.refused('designee', 'designation.grant', dated)).code, 'ROLE_REQUIRED');
  await one.did('chief', 'designation.grant', dated);
  await one.did('pat', 'profile.set', { categories: [] });
  one.clock.advance(dayMs - 1);
  await one
    .did('pat', 'exception.end', { exceptionId: 'x', why: 'y' })
    .catch((error: Error) => assert.match(error.message, /NOT_FOUND/));
  one.clock.advance(1);
  assert.equal((await one.refused('pat', 'exception.end', { exceptionId: 'x', why: 'y' })).code, 'NOT_DESIGNATED');
  await one.close();
});

test('an auditor holds no other role and nobody with a role becomes auditor [IV.C.6.b]', async () => {
  for (const [userId, role] of [
    ['aud', 'operator'],
    ['op', 'auditor'],
  ]) {
    assert.equal(
      (await world.refused('chief', 'designation.grant', { userId, role, scope: 's' })).code,
      'SELF_APPROVAL',
    );
  }
});

test('whoever has given up another role can become auditor [IV.C.6.b]', async () => {
  await addUser(world, 'kit', []);
  const held = await world.did('chief', 'designation.grant', { userId: 'kit', role: 'operator', scope: 's' });
  await world.did('chief', 'designation.revoke', { designationId: held.id('designation'), why: 'audits now' });
  await world.did('chief', 'designation.grant', { userId: 'kit', role: 'auditor', scope: 's' });
});

test('a technician is designated, also a stand-in with an end, and reaches no plate [IV.B.2.a]', async () => {
  await addUser(world, 'standin', []);
  await world.did('chief', 'designation.grant', {
    userId: 'standin',
    role: 'technician',
    scope: 'leave',
    toMs: startMs + dayMs,
  });
  for (const [action, rule] of Object.entries(shippedPolicy.accesses)) {
    assert.ok(!rule.roles.includes('technician'), action);
    assert.ok(!world.governance.authorise(world.as('tech'), rule).ok, action);
  }
  for (const [action, rule] of Object.entries(shippedPolicy.commands)) {
    if (/^(hit|entry|search)\./.test(action)) assert.ok(!rule.roles.includes('technician'), action);
  }
});

test('a help ticket gives no right [IV.B.2.a(4)]', async () => {
  const ticket = await world.did('op', 'ticket.open', { text: 'please make me administrator' });
  await world.did('tech', 'ticket.close', { ticketId: ticket.id('ticket'), answer: 'can not' });
  assert.equal((await world.refused('op', 'user.create', { userId: 'zed', name: 'Z' })).code, 'ROLE_REQUIRED');
});

test('training: unknown courses, absentees, low scores and self-certification are refused [IV.E.3] [IV.B.2.a(1)] [IV.E.1]', async () => {
  const held = { courseHash: digest('e'), attendees: ['op'], attendanceSha256: digest('b'), heldAtMs: startMs };
  assert.equal((await world.refused('tech', 'training.record_session', held)).clause, 'IV.B.2.a(1)');
  const { attendanceSha256: _log, ...without } = { ...held, courseHash: digest('a') };
  assert.equal((await world.refused('tech', 'training.record_session', without)).code, 'INPUT_INVALID');
  const session = (
    await world.did('tech', 'training.record_session', { ...held, courseHash: digest('a'), attendees: ['op', 'tech'] })
  ).id('session');
  const certificate = { userId: 'op', sessionId: session, score: 90, certificateSha256: digest('d') };
  assert.equal((await world.refused('tech', 'training.certify', { ...certificate, userId: 'op2' })).clause, 'IV.E.3');
  assert.equal(
    (await world.refused('tech', 'training.certify', { ...certificate, score: 79 })).code,
    'TRAINING_MISSING',
  );
  assert.equal(
    (await world.refused('tech', 'training.certify', { ...certificate, userId: 'tech' })).code,
    'SELF_APPROVAL',
  );
  assert.equal((await world.refused('op', 'training.certify', certificate)).code, 'ROLE_REQUIRED');
});

test('a course that misses one of the three modules gives no access [IV.E.1]', async () => {
  const one = await newWorld();
  await addUser(one, 'tech', ['technician']);
  await addUser(one, 'op', ['operator']);
  for (const user of ['tech', 'op']) await one.did(user, 'profile.set', { categories: [] });
  for (const [kind, hash, modules] of [
    ['alpr', digest('a'), ['operation', 'policy']],
    ['cjis_security', digest('c'), []],
  ] as const) {
    await one.did('tech', 'training.approve_course', { kind, title: kind, materialsSha256: hash, modules });
    const held = await one.did('tech', 'training.record_session', {
      courseHash: hash,
      attendees: ['op'],
      attendanceSha256: digest('b'),
      heldAtMs: startMs,
    });
    await one.did('tech', 'training.certify', {
      userId: 'op',
      sessionId: held.id('session'),
      score: 99,
      certificateSha256: digest('d'),
    });
  }
  assert.equal((await one.refused('op', 'hit.close')).code, 'TRAINING_MISSING');
  await one.close();
});

test('training ends to the second, leap days included: policy after two years, CJIS after one [IV.E.2]', () => {
  assert.equal(yearsLater(Date.UTC(2028, 1, 29, 12), 2), Date.UTC(2030, 1, 28, 12));
  assert.equal(yearsLater(Date.UTC(2026, 2, 1), 2), Date.UTC(2028, 2, 1));
  const state = world.governance.state();
  assert.equal(trainedUntilMs(state, shippedPolicy, 'op'), Date.UTC(2027, 0, 1));
  const certificates = (cjisMs: number) =>
    new Map([
      [
        'op',
        [
          ...(state.certificates.get('op') ?? []),
          { kind: 'cjis_security' as const, modules: [], atMs: cjisMs, score: 90, courseHash: '' },
        ],
      ],
    ]);
  const renewed = { ...state, certificates: certificates(Date.UTC(2027, 11, 1)) };
  assert.equal(trainedUntilMs(renewed, shippedPolicy, 'op'), Date.UTC(2028, 0, 1));
});

test('training that runs out ends a session in the middle [IV.E.2]', async () => {
  const one = await staffedWorld();
  const rule = { roles: ['operator' as const], clause: 'IV.A.5', gate: 'use' as const, stepUp: false, recorded: false };
  const stillActive = () =>
    one.governance.note({ action: 'session.open', actor_id: 'op', actor_name: 'op', roles: [], decision: 'allow' });
  for (let i = 0; i < 5; i += 1) {
    one.clock.advance(73 * dayMs);
    await stillActive();
  }
  assert.ok(one.governance.authorise(one.as('op'), rule).ok, 'on the last millisecond');
  one.clock.advance(1);
  const after = one.governance.authorise(one.as('op'), rule);
  assert.ok(!after.ok && after.error.code === 'TRAINING_EXPIRED');
  assert.match(after.error.sentence, /^your training expired on \d{4}-\d\d-\d\d; ask .+ for the refresher$/);
  await one.close();
});

test('a legal change with impact raises a training requirement with days of grace [IV.B.1.a(7)] [IV.E.2]', async () => {
  const one = await staffedWorld();
  one.clock.advance(1000);
  await one.did('chief', 'legal.record', { title: 'no effect here', impact: false });
  assert.equal(one.governance.state().trainingRequirements.length, 0);
  await one.did('chief', 'legal.record', { title: 'new decision', impact: true });
  const due = one.clock.nowMs() + 30 * dayMs;
  assert.equal(trainedUntilMs(one.governance.state(), shippedPolicy, 'op'), due);
  await one.close();
});

test('the roster goes to the training unit; unacknowledged for a week it is a duty [IV.B.2.a(2)]', async () => {
  const one = await staffedWorld();
  const sent = await one.did('tech', 'training.report');
  one.clock.advance(8 * dayMs);
  const late = () => one.governance.dutiesDue().some((duty) => duty.clause === 'IV.B.2.a(2)');
  assert.equal(late(), true);
  await one.did('trn', 'training.acknowledge', { reportId: sent.id('report') });
  assert.equal(late(), false);
  await one.close();
});

test('a recorded session sends the roster by itself, once; certificates that follow are in the next [IV.B.2.a(2)]', async () => {
  const one = await staffedWorld();
  const job = startOversightJob(one.governance, one.ledger, silentLog);
  await job.look();
  const reports = () => [...one.governance.state().rosterReports.keys()];
  const before = reports().length;
  await job.look();
  assert.equal(reports().length, before, 'nothing changed, nothing sent');
  const session = await one.did('tech', 'training.record_session', {
    courseHash: digest('a'),
    attendees: ['sup2'],
    attendanceSha256: digest('b'),
    heldAtMs: one.clock.nowMs(),
  });
  await until('the roster to be sent', () => reports().length === before + 1);
  const certificate = { sessionId: session.id('session'), score: 90, certificateSha256: digest('d') };
  await one.did('tech', 'training.certify', { userId: 'sup2', ...certificate });
  await job.look();
  assert.equal(reports().length, before + 2);
  let author = '';
  one.ledger.replay(1, (record) => {
    if (record.action === 'training.report') author = record.actor_id;
    return true;
  });
  assert.equal(author, 'SYS:oversight');
  one.clock.advance(8 * dayMs);
  const late = one.governance.dutiesDue().filter((duty) => duty.clause === 'IV.B.2.a(2)');
  assert.equal(late.length, before + 2);
  job.stop();
  await one.close();
});

test('too few operators trained two months ahead is shown [IV.B.2.a(6)]', async () => {
  const one = await staffedWorld();
  const low = () => one.governance.dutiesDue().some((duty) => duty.clause === 'IV.B.2.a(6)');
  assert.equal(low(), false);
  one.clock.advance(306 * dayMs);
  assert.equal(low(), true);
  await one.close();
});
