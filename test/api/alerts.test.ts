import { strict as assert } from 'node:assert';
import { limits } from '../../src/limits.js';
import { type ApiClient, eventsOf } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment, plateBytes } from './department.js';

const { test, before, after } = suite('alerts over HTTP');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

type Event = { event: string; id: string | null; data: Record<string, unknown> };

/** The next events of one name on a live stream. */
async function listen(client: ApiClient, path = '/api/alerts?after=0') {
  const aborted = new AbortController();
  const response = await client.raw(path, { signal: aborted.signal });
  const events = eventsOf(response);
  return {
    response,
    async next(name: string): Promise<Event> {
      for (;;) {
        const { value, done } = await events.next();
        if (done) throw new Error(`the stream ended before ${name}`);
        if (value.event === name) return value;
      }
    },
    close: () => aborted.abort(),
  };
}

test('an alert is a labelled, unverified, POTENTIAL hit, blind until a person has compared it [III.A] [III.E] [III.L] [IV.A.8.a(1)]', async () => {
  const op = await one.signedIn('op');
  const raised = await one.alert('stolen_vehicle', '4XYZ98');
  const stream = await listen(op);
  const { data, id } = await stream.next('alert');
  assert.equal(id, String(raised.sequence));
  assert.deepEqual(
    [data['potential'], data['verification'], data['dataClass'], data['sound']],
    [true, 'unverified', 'alert', true],
  );
  assert.doesNotMatch(JSON.stringify(data), /4 ?XYZ ?98/i, 'neither the reading nor the wanted plate, nowhere');
  const hitId = String(data['hitId']);
  one.clock.advance(3_000);
  await op.did('hit.verify', { hitId, typedPlate: '4xyz 98', pickedState: 'MA', shownAtMs: raised.createdAtMs });
  const changed = await stream.next('hit');
  assert.equal(changed.data['plate'], '4XYZ98');
  const { body } = await op.get(`/api/alerts/${raised.id}`);
  assert.deepEqual([body['verification'], (body['wanted'] as { plate: string }).plate], ['verified', '4XYZ98']);
  stream.close();
});

test('every alert that leaves carries the label of its class and its flags, whatever is asked [III.E] [III.A]', async () => {
  const op = await one.signedIn('op');
  const { body } = await op.get('/api/views/alerts?state=all');
  const items = body['items'] as Record<string, unknown>[];
  assert.ok(items.length > 0);
  for (const item of items) assert.deepEqual([item['dataClass'], item['potential']], ['alert', true]);
});

test('only categories of one’s own profile, filtered on the server at every event; other objects do not exist (T2) [IV.A.3] [III.L]', async () => {
  const op = await one.signedIn('op');
  const before = await one.alert('stolen_vehicle');
  const hidden = await one.alert('warrant');
  const stream = await listen(op, `/api/alerts?after=${before.sequence - 1}`);
  assert.equal((await stream.next('alert')).data['id'], before.id);
  const shown = await one.alert('stolen_vehicle');
  assert.equal((await stream.next('alert')).data['id'], shown.id, 'the warrant in between was never sent');
  const hit = [...one.governance.state().hits.values()].find((found) => found.alertId === hidden.id);
  const absent = ['/api/alerts/alert-999', '/api/alerts/x', `/api/alerts/alert-0`, '/api/hits/hit-1'];
  const forbidden = [`/api/alerts/${hidden.id}`, `/api/alerts/${hidden.id}/images/plate`, `/api/hits/${hit?.hitId}`];
  const answers = [];
  for (const path of [...absent, ...forbidden]) answers.push(await op.get(path));
  for (const { status, body } of answers) {
    assert.equal(status, 404);
    assert.equal(body['code'], 'NOT_FOUND');
  }
  const listed = JSON.stringify([(await op.get('/api/views/alerts')).body, (await op.get('/api/views/hits')).body]);
  assert.ok(!listed.includes(`"${hidden.id}"`) && !listed.includes('"warrant"'));
  await op.did('profile.set', { categories: ['warrant'] });
  assert.equal((await op.get(`/api/alerts/${hidden.id}`)).status, 200, 'with the profile changed it is there');
  assert.equal((await op.get(`/api/alerts/${shown.id}`)).status, 404, 'and the other is not');
  await op.did('profile.set', { categories: ['stolen_vehicle', 'department_hot_list'] });
  stream.close();
});

test('a hit outside one’s profile can not be worked on either (T2) [IV.A.3]', async () => {
  const op = await one.signedIn('op');
  const hidden = await one.alert('warrant');
  const hit = [...one.governance.state().hits.values()].find((found) => found.alertId === hidden.id);
  const { status, body } = await op.post('/api/actions/hit.defer', {
    hitId: hit?.hitId,
    why: 'a dispatch call came first',
    dueMs: one.clock.nowMs() + 60_000,
  });
  assert.deepEqual([status, body['code']], [404, 'NOT_FOUND']);
});

test('a hit is handed over on screen, and the note does not give the plate away [IV.A.8.a(1)] [IV.A.8.a(2)]', async () => {
  const op = await one.signedIn('op');
  const raised = await one.alert('stolen_vehicle', '5QRS76');
  const hit = [...one.governance.state().hits.values()].find((found) => found.alertId === raised.id);
  const hitId = String(hit?.hitId);
  const colleagues = (await op.get(`/api/hits/${hitId}/colleagues`)).body['items'] as { userId: string }[];
  const names = colleagues.map(({ userId }) => userId);
  assert.ok(names.includes('op2') && names.includes('sup') && !names.includes('op') && !names.includes('tech'));
  assert.equal((await op.get('/api/hits/hit-1/colleagues')).status, 404);
  const op2 = await one.signedIn('op2');
  const stream = await listen(op2, `/api/alerts?after=${raised.sequence}`);
  await stream.next('heartbeat');
  await op.did('hit.hand_over', { hitId, to: 'op2', note: 'looks like 5QR-S 76 to me; not compared yet' });
  const heard = (await stream.next('hit')).data as { hitId: string; handovers: Record<string, unknown>[] };
  assert.deepEqual([heard.hitId, heard.handovers[0]?.['by'], heard.handovers[0]?.['to']], [hitId, 'op', 'op2']);
  assert.equal(heard.handovers[0]?.['note'], 'looks like ... to me; not compared yet');
  stream.close();
});

test('a stream resumes by its last id, without loss or doubles [III.A]', async () => {
  const op = await one.signedIn('op');
  const first = await one.alert('stolen_vehicle');
  const second = await one.alert('stolen_vehicle');
  const response = await op.raw('/api/alerts', { headers: { 'last-event-id': String(first.sequence) } });
  for await (const { event, data } of eventsOf(response)) {
    if (event !== 'alert') continue;
    assert.equal(data['id'], second.id);
    break;
  }
});

test('a stream ends with the freeze, looked for at least every 5 seconds, and says why [II.pre] [IV.C.1.a]', async () => {
  assert.ok(limits.alert.sessionCheckMs <= 5_000);
  const client = await one.signedIn('op2');
  const stream = await listen(client);
  await one.did('chief', 'user.freeze', { userId: 'op2', why: 'test' });
  const bye = await stream.next('bye');
  assert.equal(bye.data['code'], 'ACCOUNT_LOCKED');
  await assert.rejects(stream.next('alert'), /ended/);
  await one.did('chief', 'user.unfreeze', { userId: 'op2', why: 'test' });
});

test('a stream does not keep an idle session alive, and ends with it [IV.C.2.a]', async () => {
  const client = await one.signedIn('op2');
  const stream = await listen(client);
  one.clock.advance(30 * 60_000);
  assert.equal((await stream.next('bye')).data['code'], 'SESSION_EXPIRED');
});

test('a picture comes with its digest checked and its look recorded before and after [IV.B.1.a(3)] [IV.C.6.a]', async () => {
  const op = await one.signedIn('op');
  const raised = await one.alert('stolen_vehicle');
  const response = await op.raw(`/api/alerts/${raised.id}/images/plate`);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), plateBytes);
  const sequence = Number(response.headers.get('x-platestream-sequence'));
  const seen: string[] = [];
  one.ledger.replay(sequence - 1, (record) => {
    seen.push(`${record.action} ${record.object_id ?? record.ref} ${record.result_count ?? ''}`.trim());
    return seen.length < 2;
  });
  assert.deepEqual(seen, [`access.intent ${raised.id}`, `access.outcome ${sequence - 1} 1`]);
  one.damagePictures();
  const { status, body } = await op.get(`/api/alerts/${raised.id}/images/plate`);
  assert.deepEqual([status, body['code'], body['clause']], [409, 'INTEGRITY_FAILURE', 'IV.B.1.a(3)']);
});

test('a session that opens streams without end loses its oldest, nobody else’s', async () => {
  const [op, sup] = [await one.signedIn('op'), await one.signedIn('sup')];
  const other = await listen(sup);
  const streams = [];
  for (let tab = 0; tab < 9; tab += 1) streams.push(await listen(op));
  await assert.rejects((streams[0] as (typeof streams)[0]).next('bye'), /ended/);
  await one.alert('stolen_vehicle');
  await other.next('alert');
  await (streams[8] as (typeof streams)[0]).next('alert');
  for (const stream of [...streams, other]) stream.close();
});

test('delivery to a person is on record [IV.C.2.a]', async () => {
  const op = await one.signedIn('op');
  const raised = await one.alert('stolen_vehicle');
  const stream = await listen(op, `/api/alerts?after=${raised.sequence - 1}`);
  await stream.next('alert');
  await one.alert('stolen_vehicle');
  await stream.next('alert');
  let told = 0;
  one.ledger.replay(1, ({ action, actor_id, object_id }) => {
    if (action === 'alert.deliver' && actor_id === 'op' && object_id === raised.id) told += 1;
    return true;
  });
  assert.equal(told, 1);
  stream.close();
});

test('suspended: no alert leaves, streams end, and two persons lift it [II.C]', async () => {
  const op = await one.signedIn('op');
  const stream = await listen(op);
  const chief = await one.signedIn('chief');
  await chief.did('system.suspend', { orderNo: 'CC-2025-10-20', why: 'an order of the invented council' });
  assert.equal((await stream.next('bye')).data['code'], 'SYSTEM_SUSPENDED');
  assert.equal((await op.get('/api/views/alerts')).body['code'], 'SYSTEM_SUSPENDED');
  assert.equal((await op.get('/api/suspension')).body['orderNo'], 'CC-2025-10-20');
  await chief.did('system.propose_resume', { orderNo: 'CC-2026-1', why: 'lifted by the invented council' });
  const head = await one.signedIn('head');
  await head.did('system.resume', { orderNo: 'CC-2026-1' });
  assert.equal((await op.get('/api/views/alerts')).status, 200);
});
