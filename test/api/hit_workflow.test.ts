import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { callOf, mayStop, type Step, steps } from '../policy/hit_model.js';
import { minuteMs } from '../policy/world.js';
import type { ApiClient } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

/** T10: nobody comes to a stop around the comparison and the status check, whatever is called, by whom, and in which order. */
const { test, before, after } = suite('the hit workflow over HTTP (T10)');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

const wanted = { plate: '5SOW350', state: 'MA' };

/** A potential hit a person may look at: two seconds have passed. */
async function newHit(plate = wanted.plate): Promise<string> {
  const raised = await one.alert('stolen_vehicle', plate);
  const hit = [...one.governance.state().hits.values()].find(({ alertId }) => alertId === raised.id);
  one.clock.advance(3_000);
  return String(hit?.hitId);
}

const typed = (hitId: string, typedPlate: string, pickedState = wanted.state) => ({
  hitId,
  typedPlate,
  pickedState,
  shownAtMs: 0,
});

async function codeOf(client: ApiClient, action: string, input: object): Promise<string> {
  const { status, body } = await client.post(`/api/actions/${action}`, input);
  return status === 200 ? 'done' : String(body['code']);
}

/** Sessions of two people, opened anew when the played time has ended them. */
async function people(): Promise<readonly ApiClient[]> {
  return [await one.signedIn('op'), await one.signedIn('op2')];
}

async function play(client: ApiClient, hitId: string, step: Step): Promise<void> {
  const call = callOf(step, { hitId, ...wanted, nowMs: one.clock.nowMs() });
  if (call === null) one.clock.advance(2 * minuteMs);
  else assert.ok((await client.post(`/api/actions/${call.action}`, call.input)).status < 500);
}

test('over generated sequences of calls by two people a stop is reachable exactly with both halves [IV.A.8.a(1)] [IV.A.8.a(2)]', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...steps), fc.nat(1)), { maxLength: 8 }), async (played) => {
      const clients = await people();
      const hitId = await newHit();
      for (const [step, by] of played) await play(clients[by] as ApiClient, hitId, step);
      const stop = await codeOf(clients[0] as ApiClient, 'hit.record_stop', { hitId });
      const sequence = played.map(([step]) => step);
      assert.equal(stop === 'done', mayStop(sequence), `${sequence.join(', ')}: ${stop}`);
    }),
    { numRuns: 120 },
  ));

/** Publicly known wrongful stops, in invented plates of the same shape: one character, a two for a seven, the right plate of another state. */
for (const [what, list, seen, state, code] of [
  ['one digit misread', '5SOW350', '5SOW750', 'MA', 'PLATE_MISMATCH'],
  ['a 2 read as a 7', '2TST112', '7TST112', 'MA', 'PLATE_MISMATCH'],
  ['two digits in another order', '7362TS', '7637TS', 'MA', 'PLATE_MISMATCH'],
  ['the plate of another state', '4TSO88', '4TSO88', 'NH', 'STATE_MISMATCH'],
  ['a zero for an O', '4TSO88', '4TS088', 'MA', 'PLATE_MISMATCH'],
] as const) {
  test(`${what}: the comparison closes the hit, and no call opens it again [IV.A.8.a(1)]`, async () => {
    const [op, op2] = (await people()) as [ApiClient, ApiClient];
    const hitId = await newHit(list);
    assert.equal(await codeOf(op, 'hit.verify', typed(hitId, seen, state)), code);
    for (const action of ['hit.verify', 'hit.record_stop', 'hit.hand_over', 'hit.defer', 'hit.close'])
      for (const client of [op, op2]) {
        const input = {
          ...(action === 'hit.verify' && typed(hitId, list)),
          ...(action === 'hit.hand_over' && { note: 'x' }),
          ...(action === 'hit.defer' && { why: 'x', dueMs: one.clock.nowMs() + minuteMs }),
          ...(action === 'hit.close' && { disposition: 'dismissed', note: 'x' }),
          hitId,
        };
        assert.equal(await codeOf(client, action, input), 'WRONG_STATE', action);
      }
    const { body } = await op.get(`/api/hits/${hitId}`);
    assert.equal((body['closed'] as { disposition: string }).disposition, 'mismatch');
  });
}

test('a record that was never cleared: "not active" closes the hit before a stop [IV.A.8.a(2)]', async () => {
  const [op] = (await people()) as [ApiClient];
  const hitId = await newHit();
  assert.equal(await codeOf(op, 'hit.verify', typed(hitId, '5sow 350')), 'done');
  const status = { hitId, source: 'ncic', reference: 'txn-7', active: false };
  assert.equal(await codeOf(op, 'hit.check_status', status), 'done');
  assert.equal(await codeOf(op, 'hit.record_stop', { hitId }), 'WRONG_STATE');
});

test('two people at once: one who sees a difference closes it, whatever the other saw [IV.A.8.a(1)]', async () => {
  const [op, op2] = (await people()) as [ApiClient, ApiClient];
  const hitId = await newHit();
  const both = await Promise.all([
    codeOf(op, 'hit.verify', typed(hitId, '5SOW750')),
    codeOf(op2, 'hit.verify', typed(hitId, '5SOW350')),
  ]);
  assert.equal(both[0], 'PLATE_MISMATCH');
  assert.ok(both[1] === 'WRONG_STATE' || both[1] === 'done', 'whoever came second');
  assert.equal(await codeOf(op2, 'hit.record_stop', { hitId }), 'WRONG_STATE', 'one difference outweighs an agreement');
});

test('nobody verifies faster than a person can look, in bulk, or for the program [IV.A.8.a(1)]', async () => {
  const [op] = (await people()) as [ApiClient];
  const raised = await one.alert('stolen_vehicle', wanted.plate);
  const hit = [...one.governance.state().hits.values()].find(({ alertId }) => alertId === raised.id);
  const hitId = String(hit?.hitId);
  one.clock.advance(1_999);
  assert.equal(await codeOf(op, 'hit.verify', typed(hitId, wanted.plate)), 'VERIFICATION_INCOMPLETE');
  one.clock.advance(1);
  assert.equal(await codeOf(op, 'hit.verify', { ...typed(hitId, wanted.plate), hitId: [hitId] }), 'INPUT_INVALID');
  assert.equal(await codeOf(op, 'hit.open', { alertId: raised.id }), 'ROLE_REQUIRED');
  assert.equal(await codeOf(op, 'hit.verify', typed(hitId, wanted.plate)), 'done');
});
