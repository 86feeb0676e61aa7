import { strict as assert } from 'node:assert';
import { piecesOf, whileAllowed } from '../../src/api/guarded_stream.js';
import type { ApiClient } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

const { test, before, after } = suite('a download that takes its time');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

const size = 1 << 20;

/** A download in the middle: the client has taken a little of it. @returns what comes of the rest. */
async function halfWay(client: ApiClient, meanwhile: () => Promise<unknown>): Promise<string> {
  const token = client.cookie.split('=')[1] ?? '';
  const rule = one.services.governance.policy.accesses['reads.export'];
  const reader = whileAllowed(one.services, { token, rule }, piecesOf(new Uint8Array(size))).getReader();
  let taken = (await reader.read()).value?.length ?? 0;
  await meanwhile();
  one.clock.advance(2_000);
  try {
    for (let got = await reader.read(); !got.done; got = await reader.read()) taken += got.value.length;
  } catch (error) {
    // What was in the pipe already may still arrive; the rest does not.
    assert.ok(taken < size);
    return (error as Error).message;
  }
  return taken === size ? 'whole' : `ended after ${taken}`;
}

test('a freeze, a new sign-in elsewhere and a suspension cut it within seconds; else it comes whole [II.pre] [II.C] [IV.C.5]', async () => {
  const op = await one.signedIn('op');
  assert.equal(await halfWay(op, async () => undefined), 'whole');
  one.clock.advance(10 * 60_000);
  assert.equal(await halfWay(op, async () => undefined), 'whole', 'the second factor was asked for when it began');
  const frozen = () => one.did('chief', 'user.freeze', { userId: 'op', why: 'test' });
  assert.match(await halfWay(op, frozen), /ACCOUNT_LOCKED/);
  await one.did('chief', 'user.unfreeze', { userId: 'op', why: 'test' });
  assert.match(await halfWay(op, () => one.signedIn('op')), /SESSION_EXPIRED/);
  const again = await one.signedIn('op');
  const suspended = () => one.did('chief', 'system.suspend', { orderNo: 'O-1', why: 'test' });
  assert.match(await halfWay(again, suspended), /SYSTEM_SUSPENDED/);
});
