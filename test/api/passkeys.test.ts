import { strict as assert } from 'node:assert';
import type { ApiClient, Reply } from '../support/api_client.js';
import { type Misbehaviour, softwareAuthenticator } from '../support/authenticator.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment, password } from './department.js';

/** The whole ceremony over HTTP, with real keys and signatures; `test/console/passkeys.test.ts` does it in a browser. */
const { test, before, after } = suite('passkeys over HTTP (T3)');
const minuteMs = 60_000;
const site = { rpId: 'localhost', origin: 'http://localhost' };
const evil = { rpId: 'localhost', origin: 'http://localhost.evil.example' };
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

type Key = ReturnType<typeof softwareAuthenticator>;

async function challengeFor(client: ApiClient, userId: string): Promise<string> {
  const { status, body } = await client.post('/api/passkeys/challenge', { userId });
  assert.equal(status, 200);
  return String(body['challenge']);
}

async function register(client: ApiClient, key: Key, how: Misbehaviour = {}): Promise<Reply> {
  const { status, body } = await client.post('/api/passkeys/options');
  assert.equal(status, 200, JSON.stringify(body));
  return client.post('/api/passkeys', { response: key.create(String(body['challenge']), how) });
}

let desks = 0;
const desk = () => one.stranger(`203.0.113.${desks++}`);

async function signInWith(userId: string, key: Key, how: Misbehaviour = {}, client = desk()): Promise<Reply> {
  const response = key.get(await challengeFor(client, userId), how);
  const factor = { kind: 'passkey', response };
  return client.post('/api/session', { userId, password, factor, acknowledgedBanner: true, replace: true });
}

/** A person with a passkey of this site; TOTP was used to sign in and make it. */
async function withPasskey(userId: string): Promise<Key> {
  const key = softwareAuthenticator(site);
  const made = await register(await one.signedIn(userId), key);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return key;
}

const code = ({ body }: Reply) => body['code'];

test('a passkey is made shortly after a second factor, signs in with the password, and steps up [IV.C.2.a] [II.D]', async () => {
  const client = await one.signedIn('chief');
  const key = softwareAuthenticator(site);
  one.clock.advance(6 * minuteMs);
  assert.equal(code(await client.post('/api/passkeys/options')), 'MFA_REQUIRED', 'the second factor is too long ago');
  const totp = { kind: 'totp', code: one.code('chief') };
  assert.equal((await client.post('/api/session/step-up', { factor: totp })).status, 200);
  assert.equal((await register(client, key)).status, 201);

  const fresh = desk();
  const signedIn = await signInWith('chief', key, {}, fresh);
  assert.equal(signedIn.status, 201, JSON.stringify(signedIn.body));
  one.clock.advance(6 * minuteMs);
  const user = { userId: 'made-by-passkey', name: 'Made by Passkey' };
  assert.equal(code(await fresh.post('/api/actions/user.create', user)), 'MFA_REQUIRED');
  const factor = { kind: 'passkey', response: key.get(await challengeFor(fresh, 'chief')) };
  assert.equal((await fresh.post('/api/session/step-up', { factor })).status, 200);
  await fresh.did('user.create', user);
});

test('the password is asked for all the same [II.D]', async () => {
  const key = await withPasskey('sup');
  const client = desk();
  const factor = { kind: 'passkey', response: key.get(await challengeFor(client, 'sup')) };
  const asked = { userId: 'sup', password: `${password}?`, factor, acknowledgedBanner: true };
  assert.equal(code(await client.post('/api/session', asked)), 'AUTH_FAILED');
});

test('an answer for another site, without the person recognised, for another challenge or by another key is refused [IV.C.2.a] [IV.C.5]', async () => {
  const key = await withPasskey('op');
  const stranger = softwareAuthenticator(site);
  const refused: [string, Key, Misbehaviour][] = [
    ['another origin', key, { site: evil }],
    ['another site, same origin', key, { site: { rpId: 'evil.example', origin: site.origin } }],
    ['only touched', key, { unverified: true }],
    ['a key nobody registered', stranger, {}],
  ];
  for (const [what, by, how] of refused) assert.equal(code(await signInWith('op', by, how)), 'AUTH_FAILED', what);
  one.clock.advance(16 * minuteMs);
  const client = desk();
  const used = key.get(await challengeFor(client, 'op'));
  const send = (response: object) =>
    client.post('/api/session', {
      ...{ userId: 'op', password, acknowledgedBanner: true, replace: true },
      factor: { kind: 'passkey', response },
    });
  assert.equal((await send(used)).status, 201);
  assert.equal(code(await send(used)), 'AUTH_FAILED', 'a challenge is good once');
  const old = await challengeFor(client, 'op');
  await challengeFor(client, 'op');
  assert.equal(code(await send(key.get(old))), 'AUTH_FAILED', 'a newer challenge voids the older');
  const late = await challengeFor(client, 'op');
  one.clock.advance(5 * minuteMs);
  assert.equal(code(await send(key.get(late))), 'AUTH_FAILED', 'a challenge is good for five minutes');
});

test('a copied key gives itself away: its counter is not above the last one seen [IV.C.5]', async () => {
  const key = await withPasskey('sup2');
  assert.equal((await signInWith('sup2', key, { counter: 40 })).status, 201);
  for (const counter of [40, 39, 1, 0])
    assert.equal(code(await signInWith('sup2', key, { counter })), 'AUTH_FAILED', `counter ${counter}`);
  one.clock.advance(16 * minuteMs);
  assert.equal((await signInWith('sup2', key, { counter: 41 })).status, 201);
});

test('a passkey belongs to one person, and signs nobody else in [IV.C.4]', async () => {
  const [own, other] = [await withPasskey('op2'), await withPasskey('duty')];
  const client = desk();
  const factor = { kind: 'passkey', response: other.get(await challengeFor(client, 'op2')) };
  const asked = { userId: 'op2', password, factor, acknowledgedBanner: true, replace: true };
  assert.equal(code(await client.post('/api/session', asked)), 'AUTH_FAILED');
  assert.equal((await signInWith('op2', own)).status, 201);
});

test('a passkey that was made for another site, or for a challenge of somebody else, is not kept; either way on record [IV.C.2.a]', async () => {
  const client = await one.signedIn('rec');
  const key = softwareAuthenticator(site);
  assert.equal(code(await register(client, key, { site: evil })), 'MFA_REQUIRED');
  assert.equal(code(await register(client, key, { unverified: true })), 'MFA_REQUIRED');
  const others = await (await one.signedIn('trn')).post('/api/passkeys/options');
  await client.post('/api/passkeys/options');
  const crossed = key.create(String(others.body['challenge']));
  const refused = await client.post('/api/passkeys', { response: crossed });
  assert.equal(code(refused), 'MFA_REQUIRED');
  assert.equal(code(await signInWith('rec', key)), 'AUTH_FAILED');
  const decisions: string[] = [];
  one.ledger.replay(1, ({ action, actor_id, decision }) => {
    if (action === 'credential.add' && actor_id === 'rec') decisions.push(decision);
    return true;
  });
  assert.deepEqual(decisions, ['refuse', 'refuse', 'refuse']);
  assert.equal(typeof refused.body['sequence'], 'number');
});

test('recovery by an administrator ends passkeys and codes alike, with a reason on record [IV.C.2.a]', async () => {
  const key = await withPasskey('head');
  assert.equal((await signInWith('head', key)).status, 201);
  const chief = await one.signedIn('chief');
  const recovered = await chief.did('user.recover', { userId: 'head', why: 'the key was lost on a train' });
  assert.equal(code(await signInWith('head', key)), 'AUTH_FAILED');
  const { token } = recovered['enrolment'] as { token: string };
  const enrolled = await desk().post('/api/enrol', { userId: 'head', token, password: 'purple owls read maps' });
  assert.equal(enrolled.status, 200);
  assert.equal(code(await signInWith('head', key)), 'AUTH_FAILED', 'also afterwards');
});

test('who asks for a challenge does not learn whether there is such a person [II.D]', async () => {
  await withPasskey('aud');
  const shown = async (userId: string) => {
    const { body } = await desk().post('/api/passkeys/challenge', { userId });
    const ids = (body['allowCredentials'] as { id: string }[]).map(({ id }) => id);
    return { names: Object.keys(body).sort(), ids };
  };
  const [real, without, nobody, again] = [
    await shown('aud'),
    await shown('trn'),
    await shown('nobody-at-all'),
    await shown('nobody-at-all'),
  ];
  for (const one of [without, nobody]) {
    assert.deepEqual(one.names, real.names);
    assert.deepEqual([one.ids.length, one.ids[0]?.length], [real.ids.length, real.ids[0]?.length]);
  }
  assert.deepEqual(again.ids, nobody.ids, 'the same each time, as a real one is');
});
