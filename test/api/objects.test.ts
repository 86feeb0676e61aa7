import { strict as assert } from 'node:assert';
import { goodReason, hourMs, minuteMs } from '../policy/world.js';
import type { Reply } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

/** T2: what belongs to somebody else answers as what does not exist does, to the letter. Alerts and hits: `alerts.test.ts`. */
const { test, before, after } = suite('objects of others (T2)');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

/** All that an answer tells, but for the number of its own record. */
function told({ status, body }: Reply): object {
  const { sequence: _own, ...rest } = body;
  return { status, ...rest };
}

const told404 = (reply: Reply) => {
  assert.equal(reply.status, 404, JSON.stringify(reply.body));
  return told(reply);
};

test('saved searches are one’s own: others’ are neither listed nor forgotten [IV.A.5] [IV.D.1]', async () => {
  const op = await one.signedIn('op');
  const sup = await one.signedIn('sup');
  await op.did('search.save', { name: 'vans', criteria: { kind: 'reads', plate: 'TST1234' } });
  assert.deepEqual((await sup.get('/api/views/saved_searches')).body['items'], []);
  const theirs = await sup.post('/api/actions/search.forget', { name: 'vans' });
  assert.deepEqual(told404(theirs), told404(await sup.post('/api/actions/search.forget', { name: 'no such' })));
  assert.equal(((await op.get('/api/views/saved_searches')).body['items'] as unknown[]).length, 1);
  await sup.did('search.save', { name: 'vans', criteria: { kind: 'reads', plate: 'TST9999' } });
  const own = (await op.get('/api/views/saved_searches')).body['items'] as { criteria: { plate: string } }[];
  assert.equal(own[0]?.criteria.plate, 'TST1234', 'the same name is another search');
});

test('a search or export that waits for agreement is its author’s alone, agreed to or not [IV.A.5] [IV.F.2]', async () => {
  const [op, op2, sup] = [await one.signedIn('op'), await one.signedIn('op2'), await one.signedIn('sup')];
  const nowMs = one.clock.nowMs();
  const window = { fromMs: nowMs - hourMs, toMs: nowMs };
  const asked = { reason: goodReason, criteria: { kind: 'reads', ...window } };
  const search = await op.post('/api/searches', asked);
  const file = await op.post('/api/exports', { ...asked, format: 'csv' });
  const waiting = [search, file].map(({ body }) => body['cosign'] as { sequence: number; access: unknown });
  const [forSearch = 0, forFile = 0] = waiting.map(({ sequence }) => sequence);
  assert.ok(forSearch > 0 && forFile > 0);
  const mine = async (client: typeof op) =>
    ((await client.get('/api/views/cosigns')).body['items'] as { sequence: number }[]).map(({ sequence }) => sequence);
  assert.deepEqual(await mine(op), [forFile, forSearch]);
  assert.deepEqual(await mine(op2), [], 'an operator is not shown what others look for');
  assert.deepEqual(await mine(sup), [forFile, forSearch]);
  await sup.did('search.cosign', { forUser: 'op', access: waiting[0]?.access, why: 'the cars at the scene' });
  await sup.did('search.cosign', { forUser: 'op', access: waiting[1]?.access, why: 'the cars at the scene' });
  for (const thief of [op2, sup]) {
    const taken = await thief.post('/api/searches', { reason: goodReason, cosigned: forSearch });
    assert.deepEqual(
      told404(taken),
      told404(await thief.post('/api/searches', { reason: goodReason, cosigned: 999_999 })),
    );
    const exported = await thief.post('/api/exports', { reason: goodReason, cosigned: forFile, format: 'csv' });
    const invented = await thief.post('/api/exports', { reason: goodReason, cosigned: 999_999, format: 'csv' });
    assert.deepEqual(told404(exported), told404(invented));
  }
  const crossed = await op.post('/api/exports', { reason: goodReason, cosigned: forSearch, format: 'csv' });
  told404(crossed);
});

test('an operator is not shown the plates of others’ requests and entries, and changes none [IV.A.7.b] [IV.A.7.c] [IV.A.8.a(1)]', async () => {
  const [op, op2, sup] = [await one.signedIn('op'), await one.signedIn('op2'), await one.signedIn('sup')];
  const content = {
    ...{ plate: '3TSR21', state: 'MA', category: 'stolen_vehicle', caseNo: '26-0007' },
    ...{ expiresAtMs: one.clock.nowMs() + 24 * hourMs, why: 'taken from an invented garage' },
  };
  const request = await op.did('entry.request', content);
  const entry = await sup.did('entry.create', { ...content, requestId: request.id });
  const plates = async (client: typeof op) => {
    const { items, requests } = (await client.get('/api/views/entries')).body as Record<
      string,
      { plate: string | null }[]
    >;
    return [...(items ?? []), ...(requests ?? [])].map(({ plate }) => plate);
  };
  assert.deepEqual(await plates(op), ['3TSR21', '3TSR21']);
  assert.deepEqual(await plates(op2), [null, null]);
  assert.doesNotMatch(JSON.stringify((await op2.get('/api/views/entries')).body), /3TSR21/);
  for (const action of ['entry.review', 'entry.remove']) {
    const theirs = await op2.post(`/api/actions/${action}`, { entryId: entry.id, why: 'mine now' });
    const unknown = await op2.post(`/api/actions/${action}`, { entryId: 'entry-1', why: 'mine now' });
    assert.equal(theirs.status, 403);
    assert.deepEqual(told(theirs), told(unknown), 'whether it exists is not said');
    told404(await sup.post(`/api/actions/${action}`, { entryId: 'entry-1', why: 'no such' }));
  }
  const taken = await op2.post('/api/actions/entry.create', { ...content, requestId: request.id });
  assert.equal(taken.body['code'], 'ROLE_REQUIRED');
  const self = { entryId: entry.id, reference: 'CJIS-1', queriedAtMs: one.clock.nowMs(), returnedPlate: '3TSR21' };
  const own = await sup.post('/api/actions/entry.check_cjis', { ...self, returnedState: 'MA' });
  assert.equal(own.body['code'], 'SELF_APPROVAL');
  const dressed = await sup.post('/api/actions/entry.check_cjis', { ...self, returnedState: 'MA', mode: 'adapter' });
  assert.equal(dressed.body['code'], 'INPUT_INVALID', 'nobody says for oneself that a machine asked CJIS');
});

test('deployments: who asked does not approve, what is not there is not there, results are not replaced [IV.A.6] [IV.B.1.a(9)]', async () => {
  const [op, chief] = [await one.signedIn('op'), await one.signedIn('chief')];
  const nowMs = one.clock.nowMs();
  const kind = { kind: 'nontraditional', purpose: 'an invented marathon', fromMs: nowMs, toMs: nowMs + hourMs };
  const { id: deploymentId } = await chief.did('deployment.request', kind);
  assert.equal((await chief.post('/api/actions/deployment.approve', { deploymentId })).body['code'], 'SELF_APPROVAL');
  for (const [action, more] of [
    ['approve', {}],
    ['ratify', { ratified: true }],
    ['close', { results: 'none' }],
  ] as const) {
    const path = `/api/actions/deployment.${action}`;
    told404(await chief.post(path, { deploymentId: 'deployment-1', ...more }));
    const theirs = await op.post(path, { deploymentId, ...more });
    const unknown = await op.post(path, { deploymentId: 'deployment-1', ...more });
    assert.equal(theirs.status, 403);
    assert.deepEqual(told(theirs), told(unknown));
  }
  await chief.did('deployment.close', { deploymentId, results: 'never took place' });
  const again = await chief.post('/api/actions/deployment.close', { deploymentId, results: 'a great success' });
  assert.equal(again.body['code'], 'WRONG_STATE');
  const duty = await one.signedIn('duty');
  await chief.did('absence.open', { fromMs: one.clock.nowMs(), toMs: one.clock.nowMs() + hourMs, why: 'leave' });
  const over = await duty.post('/api/actions/deployment.approve', { deploymentId });
  assert.equal(over.body['code'], 'WRONG_STATE', 'what is over is not approved');
});

test('cases and disclosures: only who is named in the policy, and an unknown case is no different from none [IV.F.2] [IV.F.3] [IV.D.3]', async () => {
  const [op, sup, rec] = [await one.signedIn('op'), await one.signedIn('sup'), await one.signedIn('rec')];
  await op.did('hold.open', { caseNo: '26-0100', readIds: ['read-1'], why: 'seen at the scene' });
  assert.equal((await op.get('/api/cases')).status, 403, 'an operator is not shown what others keep');
  assert.equal((await op.get('/api/views/disclosures')).status, 403);
  assert.equal(((await sup.get('/api/cases')).body['items'] as unknown[]).length, 1);
  told404(await op.post('/api/cases/read', { reason: goodReason, caseNo: '26-0999' }));
  for (const path of ['/api/cases/dispose', '/api/actions/hold.release', '/api/disclosures']) {
    const by = await sup.post(path, { caseNo: '26-0100', disposition: 'x' });
    assert.equal(by.body['code'], 'ROLE_REQUIRED', path);
    assert.deepEqual(told(by), told(await sup.post(path, { caseNo: '26-0999', disposition: 'x' })), path);
  }
  assert.equal((await rec.post('/api/cases/dispose', { caseNo: '26-0100' })).body['code'], 'LEGAL_HOLD');
  told404(await rec.post('/api/cases/dispose', { caseNo: '26-0999' }));
  told404(await rec.post('/api/actions/hold.release', { caseNo: '26-0999', disposition: 'closed' }));
});

test('an audit is its auditor’s: another auditor finds neither sample nor findings [IV.C.6.b]', async () => {
  await one.did('chief', 'user.create', { userId: 'aud2', name: 'Second auditor' });
  await one.did('chief', 'designation.grant', { userId: 'aud2', role: 'auditor', scope: 'audits' });
  await one.did('aud2', 'profile.set', { categories: [] });
  const chief = await one.signedIn('chief');
  const { id: auditId } = await chief.did('audit.open', { auditor: 'aud' });
  const [aud, aud2] = [await one.signedIn('aud'), await one.signedIn('aud2')];
  await aud.did('audit.sample', { auditId });
  assert.equal((await aud.get(`/api/audits/${auditId}/sample`)).status, 200);
  assert.deepEqual(
    told404(await aud2.get(`/api/audits/${auditId}/sample`)),
    told404(await aud2.get('/api/audits/audit-1/sample')),
  );
  for (const [action, more] of [
    ['audit.sample', {}],
    ['audit.find', { text: 'a finding' }],
    ['audit.close', { conclusion: 'nothing found' }],
  ] as const) {
    const theirs = await aud2.post(`/api/actions/${action}`, { auditId, ...more });
    const unknown = await aud2.post(`/api/actions/${action}`, { auditId: 'audit-1', ...more });
    if (theirs.body['code'] === 'INPUT_INVALID') assert.fail(`${action}: ${JSON.stringify(theirs.body)}`);
    assert.deepEqual(told404(theirs), told404(unknown));
  }
});

test('one’s own records show nobody else’s, and who looked at what is not for everybody [IV.C.6.a] [IV.C.6.b]', async () => {
  const op2 = await one.signedIn('op2');
  one.clock.advance(minuteMs);
  const { body } = await op2.get('/api/views/ledger.mine');
  const items = body['items'] as { actor_id: string }[];
  assert.ok(items.length > 0 && items.every(({ actor_id }) => actor_id === 'op2'));
  for (const path of [
    '/api/views/ledger.records',
    '/api/views/audit.looks?plate=TST1234',
    '/api/views/misuse',
    '/api/views/users',
  ])
    assert.equal((await op2.get(path)).status, 403, path);
});
