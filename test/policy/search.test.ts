import { strict as assert } from 'node:assert';
import { checkReason } from '../../src/policy/reason.js';
import { suite } from '../support/suite.js';
import { dayMs, digest, goodReason, hourMs, must, shippedPolicy, staffedWorld, type World } from './world.js';

const { test, before, after } = suite('searches');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

const access = (more: object = {}) => ({
  reason: goodReason,
  plate: 'TST1234',
  cameras: ['elm-1'],
  fromMs: world.clock.nowMs() - dayMs,
  toMs: world.clock.nowMs(),
  rows: 50,
  ...more,
});
const ask = (userId: string, more: object = {}, action = 'reads.search') =>
  world.governance.openAccess(action, access(more), world.as(userId));
async function codeOf(userId: string, more: object = {}, action = 'reads.search'): Promise<string> {
  const answer = await ask(userId, more, action);
  return answer.ok ? 'allowed' : answer.error.code;
}

/** Reasons that say nothing, as published audits of such systems found them, and variations of them. */
const stock = shippedPolicy.reason.stockPhrases;
const empty = [
  ...stock,
  ...stock.map((phrase) => `${phrase} ${phrase} ${phrase}`),
  ...stock.map((phrase) => `${phrase.toUpperCase()}!!! - ${phrase}.`),
  ...stock.flatMap((phrase) => stock.slice(0, 3).map((other) => `${phrase} / ${other} / ${phrase}`)),
  '',
  'x',
  'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  'aaaa bbbb cccc dddd eeee ffff',
  '1234567890 1234567890 1234567890',
  'plate plate plate plate plate plate',
  '....................................',
  'burglary burglary burglary burglary',
];

test(`${empty.length} reasons that say nothing are refused [IV.A.1] [II.A]`, () => {
  assert.ok(empty.length >= 150);
  for (const facts of empty) {
    assert.equal(
      checkReason(shippedPolicy, { ...goodReason, facts, orderNo: null })?.code,
      'REASON_INSUFFICIENT',
      facts,
    );
  }
});

const subjects = [
  'witness saw the car',
  'caller reports a grey van',
  'victim named this vehicle',
  'officer followed the truck',
  'neighbour filmed the sedan',
];
const places = [
  'leaving the burglary on Elm Street',
  'near the stabbing at Oak Square',
  'after the hit and run on Pine Avenue',
  'behind the arson at Mill Road',
];
const times = [
  'yesterday evening',
  'at about nine this morning',
  'on Monday shortly before noon',
  'twice during last night',
  'while the alarm was ringing',
];
const good = subjects.flatMap((who) => places.flatMap((where) => times.map((when) => `${who} ${where} ${when}`)));

test(`${good.length} reasons with facts are accepted [IV.A.1]`, () => {
  for (const facts of good)
    assert.equal(checkReason(shippedPolicy, { ...goodReason, facts, orderNo: null }), null, facts);
});

test('purposes that are not official are refused, however well told [IV.D.1] [II.A]', () => {
  for (const term of shippedPolicy.reason.prohibitedTerms) {
    const facts = `officer asks where this vehicle went after the ${term} matter last Monday evening`;
    assert.equal(checkReason(shippedPolicy, { ...goodReason, facts, orderNo: null })?.code, 'PURPOSE_PROHIBITED', term);
  }
});

test('a criminal or department investigation has a case number, a court order its own [IV.A.1]', () => {
  const code = (more: object) => checkReason(shippedPolicy, { ...goodReason, orderNo: null, ...more })?.code;
  assert.equal(code({ caseNo: null }), 'CASE_NUMBER_REQUIRED');
  assert.equal(code({ caseNo: 'none' }), 'CASE_NUMBER_REQUIRED');
  assert.equal(code({ caseNo: '1111' }), 'CASE_NUMBER_REQUIRED');
  assert.equal(code({ basis: 'department_civil_investigation', caseNo: null }), 'CASE_NUMBER_REQUIRED');
  assert.equal(code({ basis: 'court_order', caseNo: null }), 'CASE_NUMBER_REQUIRED');
  assert.equal(code({ basis: 'court_order', caseNo: null, orderNo: 'CO-77' }), undefined);
  assert.equal(code({ basis: 'safety_concern', caseNo: null }), undefined);
  assert.equal(code({ basis: 'curiosity' }), 'REASON_INSUFFICIENT');
});

test('an allowed search leaves a durable intent with who, when, why and what before any result [III.G] [IV.C.6.a]', async () => {
  const { receipt } = must(await ask('op'));
  let seen = '';
  world.ledger.replay(receipt.sequence, (record) => {
    const request = record.request as { with: { plate: string; cameras: string[] } };
    seen = `${record.actor_id} ${(record.reason as { caseNo: string }).caseNo} ${request.with.plate} ${request.with.cameras}`;
    return false;
  });
  assert.equal(seen, 'op 26-0001 TST1234 elm-1');
  must(await world.ledger.outcome(receipt, { count: 0, sha256: digest('0'), bytes: 2 }));
});

test('few known characters, all plates, and large exports need a supervisor who agrees to exactly that [IV.A.5] [IV.F.2]', async () => {
  for (const plate of ['TST', 'T??1*', '***', null])
    assert.equal(await codeOf('op', { plate }), 'EXCEPTION_REQUIRED', String(plate));
  assert.equal(await codeOf('op', { rows: 101 }, 'reads.export'), 'EXCEPTION_REQUIRED');
  const asked = access({ plate: null });
  assert.equal(
    (await world.refused('sup', 'search.cosign', { forUser: 'sup', access: asked, why: 'mine' })).code,
    'SELF_APPROVAL',
  );
  assert.equal(
    (await world.refused('op2', 'search.cosign', { forUser: 'op', access: asked, why: 'w' })).code,
    'ROLE_REQUIRED',
  );
  const forNobody = { forUser: 'nobody', access: asked, why: 'w' };
  assert.equal((await world.refused('sup', 'search.cosign', forNobody)).code, 'NOT_FOUND');
  await world.did('sup', 'search.cosign', { forUser: 'op', access: asked, why: 'all cars at the scene' });
  assert.equal(await codeOf('op', { plate: null }), 'allowed');
  assert.equal(await codeOf('op', { plate: null, cameras: ['elm-1', 'elm-2'] }), 'EXCEPTION_REQUIRED');
  assert.equal(await codeOf('op2', { plate: null }), 'EXCEPTION_REQUIRED');
});

test('the window lies within retention, and rows are capped [IV.A.5] [IV.F.1]', async () => {
  assert.equal(await codeOf('op', { fromMs: world.clock.nowMs() - 30 * dayMs }), 'RETENTION_OUT_OF_RANGE');
  assert.equal(await codeOf('op', { fromMs: world.clock.nowMs() }), 'RETENTION_OUT_OF_RANGE');
  assert.equal(await codeOf('op', { rows: 1001 }), 'RATE_LIMITED');
  assert.equal(await codeOf('op', { cameras: [] }), 'INPUT_INVALID');
});

test('the third search of one plate in a week without the same case needs a supervisor [IV.A.5] [IV.B.1.a(4)]', async () => {
  const again = (caseNo: string) => codeOf('op2', { plate: 'RPT4321', reason: { ...goodReason, caseNo } });
  assert.deepEqual(
    [await again('26-11'), await again('26-12'), await again('26-13')],
    ['allowed', 'allowed', 'EXCEPTION_REQUIRED'],
  );
  const same = { plate: 'RPT5555', reason: goodReason };
  for (let i = 0; i < 4; i += 1) assert.equal(await codeOf('op2', same), 'allowed');
});

test('looks at what a search has found are no searches of their own [IV.A.5]', async () => {
  const look = (caseNo: string) =>
    codeOf('sup2', { plate: 'LKS4321', objectId: 'read-1', reason: { ...goodReason, caseNo } }, 'reads.image');
  for (const caseNo of ['26-11', '26-12', '26-13', '26-14']) assert.equal(await look(caseNo), 'allowed');
});

test('a person keeps at most fifty searches of their own, and forgets what there is [IV.A.5]', async () => {
  const save = (name: string) => ({ name, criteria: { plate: 'TST1234' } });
  for (let i = 0; i < 50; i += 1) await world.did('op', 'search.save', save(`search ${i}`));
  assert.equal((await world.refused('op', 'search.save', save('one more'))).code, 'RATE_LIMITED');
  await world.did('op', 'search.save', save('search 7'));
  await world.did('op2', 'search.save', save('one more'));
  assert.equal((await world.refused('op', 'search.forget', { name: 'one more' })).code, 'NOT_FOUND');
  await world.did('op', 'search.forget', { name: 'search 7' });
  await world.did('op', 'search.save', save('one more'));
});

test('searches are limited by the hour [IV.A.5]', async () => {
  const one = await staffedWorld();
  const now = one.clock.nowMs();
  const input = { ...access(), fromMs: now - dayMs, toMs: now };
  for (let i = 0; i < 60; i += 1) must(await one.governance.openAccess('reads.search', input, one.as('op')));
  const refused = await one.governance.openAccess('reads.search', input, one.as('op'));
  assert.ok(!refused.ok && refused.error.code === 'RATE_LIMITED');
  one.clock.advance(hourMs);
  must(await one.governance.openAccess('reads.search', input, one.as('op')));
  await one.close();
});

test('an export belongs to a case and asks for the second factor again [IV.F.2] [IV.C.2.a]', async () => {
  const reason = { ...goodReason, basis: 'safety_concern', caseNo: null };
  assert.equal(await codeOf('op', { reason }, 'reads.export'), 'CASE_NUMBER_REQUIRED');
  const stale = { ...world.as('op'), steppedUpAtMs: world.clock.nowMs() - hourMs };
  const answer = await world.governance.openAccess('reads.export', access(), stale);
  assert.ok(!answer.ok && answer.error.code === 'MFA_REQUIRED');
});

test('a late audit first blocks exports and exceptions, then searches; alerts go on [IV.B.1.a(5)] [IV.C.6.b]', async () => {
  const one = await staffedWorld();
  const stillActive = (userId: string) =>
    one.governance.note({ action: 'session.open', actor_id: userId, actor_name: '', roles: [], decision: 'allow' });
  const code = async (action: string) => {
    const now = one.clock.nowMs();
    for (const userId of ['op', 'chief']) await stillActive(userId);
    const answer = await one.governance.openAccess(
      action,
      { ...access(), fromMs: now - dayMs, toMs: now },
      one.as('op'),
    );
    return answer.ok ? 'allowed' : answer.error.code;
  };
  one.clock.advance(89 * dayMs);
  await code('reads.search');
  one.clock.advance(18 * dayMs);
  assert.deepEqual([await code('reads.search'), await code('reads.export')], ['allowed', 'allowed']);
  one.clock.advance(dayMs);
  assert.deepEqual([await code('reads.search'), await code('reads.export')], ['allowed', 'AUDIT_OVERDUE']);
  const grant = {
    userId: 'op',
    category: 'cpic',
    caseNo: '26-1',
    facts: 'credible threat against the invented parade',
    toMs: one.clock.nowMs() + dayMs,
  };
  const refused = await one.refused('chief', 'exception.grant', { ...grant, caseNo: '26-10' });
  assert.equal(refused.code, 'AUDIT_OVERDUE');
  one.clock.advance(15 * dayMs);
  assert.equal(await code('reads.search'), 'AUDIT_OVERDUE');
  assert.equal(one.governance.isDeliverable('op', 'stolen_vehicle'), true);
  await one.close();
});

test('a strict policy serves no search before all protocols are approved [IV.B.1.a(1)]', async () => {
  const one = await staffedWorld({ ...shippedPolicy, strict: true });
  const input = () => ({ ...access(), fromMs: one.clock.nowMs() - dayMs, toMs: one.clock.nowMs() });
  const refused = await one.governance.openAccess('reads.search', input(), one.as('op'));
  assert.ok(!refused.ok && refused.error.code === 'PROTOCOL_MISSING' && refused.error.status === 503);
  for (const kind of shippedPolicy.protocols) {
    await one.did('chief', 'protocol.approve', { kind, documentSha256: digest('2'), refs: ['41.3.9 (d)'] });
  }
  must(await one.governance.openAccess('reads.search', input(), one.as('op')));
  await one.close();
});

test('a ledger that can not record refuses search and command alike [III.G] [IV.C.6.a]', async () => {
  const one = await staffedWorld();
  await one.ledger.close();
  const now = one.clock.nowMs();
  const search = await one.governance.openAccess(
    'reads.search',
    { ...access(), fromMs: now - dayMs, toMs: now },
    one.as('op'),
  );
  assert.ok(!search.ok && search.error.code === 'AUDIT_UNAVAILABLE' && search.error.status === 503);
  const command = await one.governance.execute({ action: 'ticket.open', input: { text: 'x' } }, one.as('op'));
  assert.ok(!command.ok && command.error.code === 'AUDIT_UNAVAILABLE');
  assert.equal(one.governance.state().tickets.size, 0);
  await one.close();
});
