import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { Accounts } from '../../src/policy/accounts/accounts.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { suite } from '../support/suite.js';
import { hastyDisk, minuteMs, must, newWorld, shippedPolicy, type World } from './world.js';

const { test, before, after } = suite('sessions');
const password = 'green bicycles sing loudly';
const site = { rpId: 'alpr.example', origin: 'https://alpr.example' };
let world: World;
let accounts: Accounts;
let secret = '';
before(async () => {
  world = await newWorld(shippedPolicy, hastyDisk);
  const credentials = new Credentials(join(world.dir, 'keys', 'credentials.json'));
  accounts = new Accounts({ governance: world.governance, credentials, clock: world.clock });
  const { token } = accounts.enrolments.issue('chief');
  secret = must(await accounts.enrolments.enrol('chief', token, password)).totpSecret;
});
after(() => world.close());

const factor = (code: string) => ({ kind: 'totp' as const, code });
function rightFactor() {
  world.clock.advance(minuteMs);
  return factor(totpCode(secret, world.clock.nowMs()));
}
const login = () =>
  accounts.login({ userId: 'chief', password, factor: rightFactor(), address: null, replace: true }).then(must);
const codeOf = (answer: Awaited<ReturnType<Accounts['stepUp' | 'newPasskeyOptions']>>) =>
  answer.ok ? 'allowed' : answer.error.code;

test('who has no session confirms nothing and adds no passkey [IV.C.2.a]', async () => {
  const token = 'x'.repeat(43);
  assert.equal(codeOf(await accounts.stepUp(token, rightFactor())), 'SESSION_EXPIRED');
  assert.equal(codeOf(await accounts.newPasskeyOptions(token, site)), 'SESSION_EXPIRED');
});

test('a passkey is added within minutes of a second factor [IV.C.2.a]', async () => {
  const { token } = await login();
  assert.equal(codeOf(await accounts.newPasskeyOptions(token, site)), 'allowed');
  world.clock.advance(6 * minuteMs);
  assert.equal(codeOf(await accounts.newPasskeyOptions(token, site)), 'MFA_REQUIRED');
});

test('wrong second factors in a session lock the account, also for the right one [II.D] [IV.C.2.a]', async () => {
  const { token } = await login();
  for (let i = 0; i < 5; i += 1) assert.equal(codeOf(await accounts.stepUp(token, factor('000000'))), 'MFA_REQUIRED');
  assert.equal(codeOf(await accounts.stepUp(token, rightFactor())), 'ACCOUNT_LOCKED');
  world.clock.advance(15 * minuteMs);
  assert.equal(codeOf(await accounts.stepUp(token, rightFactor())), 'allowed');
});

test('who is logged in shows as such until they log out [IV.C.5]', async () => {
  const { token } = await login();
  assert.deepEqual([accounts.isLoggedIn('chief'), accounts.isLoggedIn('anna')], [true, false]);
  await accounts.logout(token);
  assert.equal(accounts.isLoggedIn('chief'), false);
});

test('tokens are not guessed: attempts from one address are limited [IV.C.2.a]', async () => {
  const person = { userId: 'eve', name: 'Eve', password };
  const tries = {
    bootstrap: () => accounts.enrolments.bootstrap('guess', person, '203.0.113.1'),
    enrol: () => accounts.enrolments.enrol('chief', 'guess', password, '203.0.113.2'),
  };
  for (const [way, guess] of Object.entries(tries)) {
    const codes: string[] = [];
    for (let i = 0; i < 21; i += 1) {
      const answer = await guess();
      codes.push(answer.ok ? 'allowed' : answer.error.code);
    }
    assert.deepEqual([codes.at(19), codes.at(20)], ['AUTH_FAILED', 'RATE_LIMITED'], way);
  }
});
