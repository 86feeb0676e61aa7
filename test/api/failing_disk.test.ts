import { strict as assert } from 'node:assert';
import { hastyDisk } from '../policy/world.js';
import { eventsOf } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

const { test, before, after } = suite('a ledger that can not write, over HTTP (T14)');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

const failing = (code: string) => async () => {
  throw Object.assign(new Error(code), { code });
};

test('a full disk: nothing is done, 507 says what to free, and it goes on when there is room [III.G] [IV.C.6.a]', async () => {
  const chief = await one.signedIn('chief');
  const { write } = hastyDisk;
  Object.assign(hastyDisk, { write: failing('ENOSPC') });
  const user = { userId: 'late', name: 'Late' };
  const refused = await chief.post('/api/actions/user.create', user);
  assert.deepEqual([refused.status, refused.body['code']], [507, 'AUDIT_DISK_FULL']);
  assert.ok(!one.governance.state().users.has('late'), 'what is not recorded has not happened');
  assert.equal((await chief.get('/api/views/hits')).status, 507, 'a look that has to be recorded is not given');
  Object.assign(hastyDisk, { write });
  await chief.did('user.create', user);
});

test('a failed sync: commands and recorded looks answer 503, sign-ins are refused, alerts keep coming [III.G] [III.A]', async () => {
  const op = await one.signedIn('op');
  const chief = await one.signedIn('chief');
  const aborted = new AbortController();
  const stream = await op.raw('/api/alerts', { signal: aborted.signal });
  Object.assign(hastyDisk, { datasync: failing('EIO') });
  const refused = await chief.post('/api/actions/ticket.open', { text: 'does it still record?' });
  assert.deepEqual([refused.status, refused.body['code']], [503, 'AUDIT_UNAVAILABLE']);
  assert.equal((await op.get('/api/views/entries')).status, 503);
  assert.doesNotMatch(String(refused.body['detail']), /\/|EIO/, 'no path, no internals');
  assert.equal((await one.signIn(one.stranger(), 'op', { replace: true })).status, 503);
  assert.equal((await op.get('/api/session')).status, 200, 'a sign-in that was not recorded ended nothing');
  assert.equal((await op.post('/api/actions/hit.verify', {})).status, 503);
  const raised = await one.alert('stolen_vehicle');
  for await (const { event, data } of eventsOf(stream)) {
    if (event !== 'alert') continue;
    assert.deepEqual([data['id'], data['hitId']], [raised.id, null], 'the alert is shown, without a hit to work on');
    break;
  }
  aborted.abort();
  assert.equal((await op.get('/api/views/alerts')).status, 200);
});
