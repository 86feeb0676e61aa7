import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { type Department, openDepartment, password } from './department.js';

const { test, before, after } = suite('sign-in over HTTP (T3)');
const minuteMs = 60_000;
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

const code = (reply: { body: Record<string, unknown> }) => reply.body['code'];

test('a sign-in needs password, second factor and the acknowledged banner, which is recorded [IV.C.2.a] [II.D]', async () => {
  const client = one.stranger();
  const { body: banner } = await client.get('/api/banner');
  assert.match(String(banner['text']), /POTENTIAL hit/);
  const without = await one.signIn(client, 'op', { acknowledgedBanner: false });
  assert.deepEqual([without.status, code(without)], [422, 'INPUT_INVALID']);
  const done = await one.signIn(client, 'op');
  assert.equal(done.status, 201);
  const cookie = done.response.headers.get('set-cookie') ?? '';
  assert.match(cookie, /^__Host-platestream=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  let request: unknown = null;
  one.ledger.replay(1, (record) => {
    if (record.action === 'session.open' && record.actor_id === 'op') request = record.request;
    return true;
  });
  assert.deepEqual(request, { banner_sha256: banner['sha256'], replaced: false });
});

test('no answer says which part was wrong, and no wrong answer lets anybody in [IV.C.2.a] [IV.C.4]', async () => {
  await one.signedIn('op');
  const tries = [
    { userId: 'nobody' },
    { password: `${password}!` },
    { factor: { kind: 'totp', code: '000000' } },
    { factor: { kind: 'passkey', response: { id: 'x' } } },
  ];
  const answers = [];
  for (const more of tries) answers.push(await one.signIn(one.stranger('203.0.113.5'), 'op', more));
  for (const { status, body } of answers) {
    assert.equal(status, 401);
    assert.equal(body['detail'], answers[0]?.body['detail']);
  }
  one.clock.advance(16 * minuteMs);
});

test('a code that was used is refused, at the same desk and at another [IV.C.2.a]', async () => {
  const used = one.code('op');
  const factor = { kind: 'totp', code: used };
  const send = (address: string) =>
    one
      .stranger(address)
      .post('/api/session', { userId: 'op', password, factor, acknowledgedBanner: true, replace: true });
  assert.equal((await send('203.0.113.1')).status, 201);
  assert.deepEqual(code(await send('203.0.113.1')), 'AUTH_FAILED');
  assert.deepEqual(code(await send('203.0.113.2')), 'AUTH_FAILED');
});

test('five failures within 15 minutes lock the account, even side by side; the address is throttled first [II.D] [IV.C.2.a]', async () => {
  one.clock.advance(16 * minuteMs);
  await one.signedIn('sup');
  one.clock.advance(16 * minuteMs);
  const wrong = {
    userId: 'sup',
    password: 'not the one at all',
    factor: { kind: 'totp', code: '000000' },
    acknowledgedBanner: true,
  };
  const side = await Promise.all(
    Array.from({ length: 12 }, (_, desk) => one.stranger(`198.18.0.${desk}`).post('/api/session', wrong)),
  );
  const locked = side.filter((reply) => code(reply) === 'ACCOUNT_LOCKED');
  assert.equal(locked.length, 7, 'five were tried, the others found the account locked');
  assert.deepEqual(
    code(await one.signIn(one.stranger('198.18.1.1'), 'sup')),
    'ACCOUNT_LOCKED',
    'also with the right password',
  );
  one.clock.advance(15 * minuteMs);
  assert.equal((await one.signIn(one.stranger('198.18.1.2'), 'sup', { replace: true })).status, 201);

  const flood = one.stranger('198.18.2.2');
  const seen = [];
  for (let i = 0; i < 25; i += 1)
    seen.push(code(await flood.post('/api/session', { ...wrong, userId: `someone${i}` })));
  assert.equal(seen.filter((one) => one === 'RATE_LIMITED').length, 5);
  const size = one.ledger.size;
  await flood.post('/api/session', wrong);
  assert.equal(one.ledger.size, size, 'a throttled attempt writes nothing: no way to fill the disk from outside');
});

test('one live session: the second sign-in is refused or ends the first [IV.C.5]', async () => {
  const first = await one.signedIn('rec');
  const second = await one.signIn(one.stranger('192.0.2.9'), 'rec');
  assert.deepEqual([second.status, code(second)], [409, 'SESSION_IN_USE']);
  assert.equal((await first.get('/api/session')).status, 200);
  assert.equal((await one.signIn(one.stranger('192.0.2.9'), 'rec', { replace: true })).status, 201);
  assert.equal(code(await first.get('/api/session')), 'SESSION_EXPIRED');
});

test('30 idle minutes end a session, looking at its state does not prolong it, 12 hours end it in any case [IV.C.2.a]', async () => {
  const idle = await one.signedIn('aud');
  one.clock.advance(29 * minuteMs);
  assert.equal((await idle.get('/api/session')).status, 200);
  one.clock.advance(minuteMs);
  assert.equal(code(await idle.get('/api/views/audits')), 'SESSION_EXPIRED');
  const busy = await one.signedIn('aud');
  const { body } = await busy.get('/api/session');
  const endsAtMs = body['endsAtMs'] as number;
  while (one.clock.nowMs() < endsAtMs - 20 * minuteMs) {
    one.clock.advance(20 * minuteMs);
    assert.equal((await busy.get('/api/views/audits')).status, 200);
  }
  one.clock.advance(endsAtMs - one.clock.nowMs());
  assert.equal(code(await busy.get('/api/views/audits')), 'SESSION_EXPIRED');
});

test('administration asks for the second factor again after five minutes [IV.C.2.a]', async () => {
  const chief = await one.signedIn('chief');
  one.clock.advance(5 * minuteMs + 1);
  const user = { userId: 'newone', name: 'New One' };
  assert.equal(code(await chief.post('/api/actions/user.create', user)), 'MFA_REQUIRED');
  const wrong = await chief.post('/api/session/step-up', { factor: { kind: 'totp', code: '000000' } });
  assert.deepEqual([wrong.status, code(wrong)], [403, 'MFA_REQUIRED']);
  const factor = { kind: 'totp', code: one.code('chief') };
  assert.equal((await chief.post('/api/session/step-up', { factor })).status, 200);
  const made = await chief.did('user.create', user);
  const { token } = made['enrolment'] as { token: string };
  const enrolled = await one
    .stranger()
    .post('/api/enrol', { userId: 'newone', token, password: 'purple owls read maps' });
  assert.equal(enrolled.status, 200);
  assert.match(String(enrolled.body['totpUri']), /^otpauth:\/\/totp\//);
  const again = await one.stranger().post('/api/enrol', { userId: 'newone', token, password: 'purple owls read maps' });
  assert.equal(code(again), 'AUTH_FAILED', 'the token is good once');
});

test('frozen is frozen at once, at every desk; the screen can still say why [II.pre]', async () => {
  const client = await one.signedIn('op2');
  const chief = await one.signedIn('chief');
  await chief.did('user.freeze', { userId: 'op2', why: 'an invented suspicion' });
  assert.deepEqual(code(await client.get('/api/views/alerts')), 'ACCOUNT_LOCKED');
  assert.deepEqual(
    code(await client.post('/api/session/step-up', { factor: { kind: 'totp', code: '1' } })),
    'ACCOUNT_LOCKED',
  );
  const { status, body } = await client.get('/api/session');
  assert.equal(status, 200);
  assert.equal(body['frozen'], true);
  assert.equal((body['can'] as Record<string, { code: string }>)['alerts']?.code, 'ACCOUNT_LOCKED');
  assert.equal(code(await one.signIn(one.stranger(), 'op2', { replace: true })), 'ACCOUNT_LOCKED');
  await chief.did('user.unfreeze', { userId: 'op2', why: 'it was invented' });
});

test('an account unused for 90 days is off: signing in does not switch it on, an administrator does [II.E]', async () => {
  const department = await openDepartment();
  const desk = (address: string) => department.stranger(address);
  await department.signedIn('op');
  department.clock.advance(90 * 24 * 60 * minuteMs);
  const chief = await department.signedIn('chief');
  const off = await department.signIn(desk('192.0.2.1'), 'op');
  assert.deepEqual([off.status, code(off), off.body['clause']], [403, 'NOT_DESIGNATED', 'II.E']);
  const again = await department.signIn(desk('192.0.2.2'), 'op');
  assert.equal(code(again), 'NOT_DESIGNATED', 'trying is not using');
  await chief.did('user.reenable', { userId: 'op', why: 'back from leave' });
  assert.equal((await department.signIn(desk('192.0.2.3'), 'op')).status, 201);
  await department.close();
});

test('when a whole department was away, the administrator in person gets in and re-enables the others [II.E] [III.D]', async () => {
  const department = await openDepartment();
  await department.signedIn('head');
  department.clock.advance(100 * 24 * 60 * minuteMs);
  assert.equal(code(await department.signIn(department.stranger('192.0.2.4'), 'designee')), 'NOT_DESIGNATED');
  const chief = await department.signedIn('chief');
  await chief.did('user.reenable', { userId: 'head', why: 'the department was closed' });
  const head = await department.signedIn('head');
  await chief.get('/api/session');
  department.clock.advance(60 * 24 * 60 * minuteMs);
  const late = await department.signedIn('head');
  department.clock.advance(31 * 24 * 60 * minuteMs);
  assert.equal(code(await department.signIn(department.stranger('192.0.2.5'), 'chief')), 'NOT_DESIGNATED');
  assert.equal(code(await head.get('/api/views/users')), 'SESSION_EXPIRED');
  assert.ok(late);
  await department.close();
});

test('other sites, other hosts and forms can not act for somebody who is signed in [II.E]', async () => {
  const client = await one.signedIn('trn');
  const own = { 'x-platestream': '1', 'content-type': 'application/json' };
  const send = (headers: Record<string, string>) =>
    client.raw('/api/actions/ticket.open', { method: 'POST', headers, body: JSON.stringify({ text: 'help' }) });
  assert.equal((await send(own)).status, 200);
  const foreign: Record<string, string>[] = [
    { 'content-type': 'application/json' },
    { ...own, origin: 'https://evil.example' },
    { ...own, origin: 'null' },
    { ...own, 'sec-fetch-site': 'cross-site' },
    { ...own, 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) assert.equal((await send(headers)).status, 403, JSON.stringify(headers));
  assert.equal((await client.raw('/api/session', { headers: { host: 'rebound.example' } })).status, 403);
});

test('every answer forbids framing, foreign scripts and caches [II.D]', async () => {
  const { headers } = await one.app.request('/api/banner', { headers: { host: 'localhost' } });
  assert.match(
    headers.get('content-security-policy') ?? '',
    /default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/,
  );
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
});

test('the documents describe every route of the table [IV.C.2.a]', async () => {
  const { body } = await one.stranger().get('/api/openapi.json');
  const paths = body['paths'] as Record<string, Record<string, unknown>>;
  assert.equal(body['openapi'], '3.1.0');
  for (const { method, path } of one.routes) assert.ok(paths[path]?.[method.toLowerCase()], `${method} ${path}`);
  const page = await one.app.request('/api/docs', { headers: { host: 'localhost' } });
  const html = await page.text();
  assert.doesNotMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/, 'nothing is loaded from elsewhere');
  for (const { path } of one.routes) assert.ok(html.includes(path), path);
});
