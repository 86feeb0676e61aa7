import { strict as assert } from 'node:assert';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '../../src/ledger/open.js';
import { segmentPath } from '../../src/ledger/segments.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { ManualClock } from '../../src/observe/clock.js';
import { Accounts } from '../../src/policy/accounts/accounts.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { passwordProblem } from '../../src/policy/accounts/passwords.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { openGovernance } from '../../src/policy/governance.js';
import { removeFolder, temporaryFolder } from '../ledger/support.js';
import { suite } from '../support/suite.js';
import { hourMs, minuteMs, must, shippedPolicy, startMs } from './world.js';

const { test, before, after } = suite('accounts (T3)');
const password = 'green bicycles sing loudly';

let dir = '';
let close = async () => {};
let clock: ManualClock;
let accounts: Accounts;
let governance: import('../../src/policy/governance.js').Governance;
let secret = '';

before(async () => {
  dir = temporaryFolder();
  clock = new ManualClock(startMs);
  const ledger = must(
    await openLedger({
      dir: join(dir, 'ledger'),
      clock,
      policySha256: shippedPolicy.sha256,
      signingKey: newSigningKey(),
      lastSignedFile: join(dir, 'last-signed'),
    }),
  );
  governance = must(openGovernance({ ledger, policy: shippedPolicy, clock }));
  accounts = new Accounts({ governance, credentials: new Credentials(join(dir, 'keys', 'credentials.json')), clock });
  close = () => ledger.close();
});
after(async () => {
  await close();
  removeFolder(dir);
});

/** The next code that has not been used: codes are good once. */
function code(): string {
  clock.advance(30_000);
  return totpCode(secret, clock.nowMs());
}
const login = (more: object = {}) =>
  accounts.login({
    userId: 'anna',
    password,
    factor: { kind: 'totp', code: code() },
    address: '198.51.100.7',
    ...more,
  });
const totp = (text: string) => ({ factor: { kind: 'totp' as const, code: text } });

test('the first administrator is made by a one-time token, once [II.E]', async () => {
  const old = accounts.enrolments.firstToken() as string;
  const token = accounts.enrolments.firstToken() as string;
  const person = { userId: 'anna', name: 'Anna', password };
  for (const wrong of [old, '', 'x'.repeat(43)]) {
    const refused = await accounts.enrolments.bootstrap(wrong, person);
    assert.ok(!refused.ok && refused.error.code === 'AUTH_FAILED');
  }
  const weak = await accounts.enrolments.bootstrap(token, { ...person, password: 'short' });
  assert.ok(!weak.ok && weak.error.clause === 'II.D');
  for (const nobody of [
    { ...person, userId: 'Anna Ash' },
    { ...person, name: ' ' },
  ]) {
    const unnamed = await accounts.enrolments.bootstrap(token, nobody);
    assert.ok(!unnamed.ok && unnamed.error.clause === 'IV.C.4');
  }
  secret = must(await accounts.enrolments.bootstrap(token, person)).totpSecret;
  assert.equal(governance.state().principalUserId, 'anna');
  assert.equal(accounts.enrolments.firstToken(), null);
  assert.ok(!(await accounts.enrolments.bootstrap(token, { ...person, userId: 'eve' })).ok);
});

test('passwords are long, not common, not one’s own name [II.D]', () => {
  const problem = (text: string) => passwordProblem(text, { charsMin: 15, userId: 'anna', name: 'Anna Ash' });
  const refused = [
    'fourteen chars',
    'passwordpassword',
    'Password123456789',
    'aaaaaaaaaaaaaaaaaaaa',
    '123456789012345678',
    'qwertyuiopasdfghjkl',
    'annaannaanna1234',
    'correcthorsebatterystaple',
    'x'.repeat(300),
  ];
  for (const text of refused) assert.notEqual(problem(text), null, text);
  for (const text of [password, 'ünïcode wörks fine too', 'no-digits-needed-here-at-all'])
    assert.equal(problem(text), null, text);
});

test('password and second factor are both needed, and every failure looks the same [IV.C.2.a] [II.D]', async () => {
  const tries = [
    { password: 'wrong bicycles sing loudly' },
    totp('000000'),
    totp('abc'),
    { userId: 'nobody' },
    { userId: '__proto__' },
  ];
  for (const more of tries) {
    const answer = await login({ address: '198.51.100.8', ...more });
    assert.ok(!answer.ok && answer.error.code === 'AUTH_FAILED', JSON.stringify(more));
    assert.equal(answer.error.sentence, 'login, password and second factor do not fit together');
  }
  must(await login());
});

test('a code works once, one step early or late, and not two [IV.C.2.a]', async () => {
  clock.advance(20 * minuteMs);
  const at = (steps: number) => totpCode(secret, clock.nowMs() + steps * 30_000);
  const tryCode = async (text: string) => (await login({ ...totp(text), replace: true })).ok;
  const used = at(0);
  assert.equal(await tryCode(used), true, 'now');
  assert.equal(await tryCode(used), false, 'replayed');
  clock.advance(2 * minuteMs);
  assert.equal(await tryCode(at(-4)), false, 'two steps late');
  assert.equal(await tryCode(at(3)), false, 'two steps early');
});

test('five failures within 15 minutes lock the account until they are over [II.D]', async () => {
  clock.advance(hourMs);
  for (let i = 0; i < 5; i += 1) await login({ password: 'wrong bicycles sing loudly', address: `203.0.113.${i}` });
  const locked = await login({ address: '203.0.113.99' });
  assert.ok(!locked.ok && locked.error.code === 'ACCOUNT_LOCKED' && locked.error.sequence !== null);
  clock.advance(15 * minuteMs);
  must(await login({ address: '203.0.113.99', replace: true }));
});

test('one address can not try without end [IV.C.2.a]', async () => {
  let limited = 0;
  for (let i = 0; i < 30; i += 1) {
    const answer = await accounts.login({
      userId: `u${i}`,
      password: 'x',
      ...totp('000000'),
      address: '203.0.113.200',
    });
    if (!answer.ok && answer.error.code === 'RATE_LIMITED') limited += 1;
  }
  assert.equal(limited, 10);
});

test('one live session for each user; a second is refused or ends the first, on record [IV.C.5]', async () => {
  clock.advance(hourMs);
  const first = must(await login());
  const second = await login();
  assert.ok(!second.ok && second.error.code === 'SESSION_IN_USE');
  const third = must(await login({ replace: true }));
  assert.equal(accounts.principalOf(first.token).ok, false);
  assert.equal(accounts.principalOf(third.token).ok, true);
});

test('a session ends after 30 idle minutes and after 12 hours whatever happens [IV.C.2.a]', async () => {
  clock.advance(hourMs);
  const idle = must(await login());
  clock.advance(30 * minuteMs - 1);
  assert.ok(accounts.principalOf(idle.token).ok);
  clock.advance(30 * minuteMs);
  const ended = accounts.principalOf(idle.token);
  assert.ok(!ended.ok && ended.error.code === 'SESSION_EXPIRED');
  const busy = must(await login());
  for (let i = 0; i < 12 * 3 - 1; i += 1) {
    clock.advance(20 * minuteMs);
    assert.ok(accounts.principalOf(busy.token).ok, `${i}`);
  }
  clock.advance(20 * minuteMs);
  assert.equal(accounts.principalOf(busy.token).ok, false);
});

test('user administration asks for the second factor again after five minutes [IV.C.2.a]', async () => {
  clock.advance(hourMs);
  const { token } = must(await login());
  const run = (action: string, input: unknown) =>
    governance.execute({ action, input }, must(accounts.principalOf(token)));
  must(await run('profile.set', { categories: [] }));
  clock.advance(5 * minuteMs + 1);
  const refused = await run('user.create', { userId: 'bob', name: 'Bob' });
  assert.ok(!refused.ok && refused.error.code === 'MFA_REQUIRED');
  assert.equal((await accounts.stepUp(token, { kind: 'totp', code: '000000' })).ok, false);
  must(await accounts.stepUp(token, { kind: 'totp', code: code() }));
  must(await run('user.create', { userId: 'bob', name: 'Bob' }));
});

test('a new user sets password and factor with a token that works once and for 72 hours [II.D] [IV.C.4]', async () => {
  const late = accounts.enrolments.issue('bob').token;
  clock.advance(72 * hourMs);
  assert.equal((await accounts.enrolments.enrol('bob', late, 'purple owls read maps')).ok, false);
  const token = accounts.enrolments.issue('bob').token;
  assert.equal((await accounts.enrolments.enrol('anna', token, 'purple owls read maps')).ok, false);
  const weak = await accounts.enrolments.enrol('bob', token, 'short');
  assert.ok(!weak.ok && weak.error.clause === 'II.D');
  must(await accounts.enrolments.enrol('bob', token, 'purple owls read maps'));
  assert.equal((await accounts.enrolments.enrol('bob', token, 'purple owls read maps')).ok, false);
});

test('a frozen user is out on the next request and can not log in [II.pre]', async () => {
  const { token } = must(await login());
  const principal = () => must(accounts.principalOf(token));
  const rule = shippedPolicy.commands['ticket.open'] as import('../../src/policy/policy_file.js').Rule;
  assert.ok(governance.authorise(principal(), rule).ok);
  must(await governance.execute({ action: 'user.freeze', input: { userId: 'anna', why: 'test' } }, principal()));
  const refused = governance.authorise(principal(), rule);
  assert.ok(!refused.ok && refused.error.code === 'ACCOUNT_LOCKED');
  const again = await login({ replace: true });
  assert.ok(!again.ok && again.error.code === 'ACCOUNT_LOCKED');
});

test('every refusal is counted by its code, and by nothing that names a person', async () => {
  clock.advance(hourMs);
  const before = accounts.failures();
  const counted = () => {
    const now = accounts.failures();
    return Object.fromEntries(
      Object.entries(now)
        .map(([code, count]) => [code, count - before[code as keyof typeof before]] as const)
        .filter(([, count]) => count > 0),
    );
  };
  await login({ userId: 'nobody', address: '203.0.113.201' });
  await login({ password: 'wrong bicycles sing loudly', address: '203.0.113.201' });
  assert.deepEqual(counted(), { AUTH_FAILED: 2 });
  await login({ address: '203.0.113.201' });
  assert.deepEqual(counted(), { AUTH_FAILED: 2, ACCOUNT_LOCKED: 1 }, 'anna is frozen since the test before');
  for (let i = 0; i < 20; i += 1) await login({ userId: `made-up-${i}`, address: '203.0.113.201' });
  assert.deepEqual(counted(), { AUTH_FAILED: 19, ACCOUNT_LOCKED: 1, RATE_LIMITED: 3 });
});

test('no secret is in the ledger, and the store of secrets is its owner’s alone [II.D]', () => {
  const written = readFileSync(segmentPath(join(dir, 'ledger'), 1), 'utf8');
  for (const text of [password, secret, 'argon2', 'purple owls']) assert.ok(!written.includes(text), text);
  const store = join(dir, 'keys', 'credentials.json');
  assert.equal(statSync(store).mode & 0o077, 0);
  assert.ok(!readFileSync(store, 'utf8').includes(password));
  assert.match(readFileSync(store, 'utf8'), /\$argon2id\$v=19\$m=19456,t=2,p=1/);
});
