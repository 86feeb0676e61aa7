import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { z } from 'zod';
import type { AnyRoute } from '../../src/api/route.js';
import { unruledRoutes } from '../../src/api/routes.js';
import type { Rule } from '../../src/policy/policy_file.js';
import { shippedPolicy } from '../policy/world.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';
import { isAskable } from './every_route.js';

const { test, before, after } = suite('every route');
let one: Department;
before(async () => {
  one = await openDepartment();
});
after(() => one.close());

test('a route without a rule, and a view without a route, do not start [II.E] [II.A]', () => {
  assert.equal(unruledRoutes(shippedPolicy, one.routes), null);
  const { hits: _gone, ...views } = shippedPolicy.views;
  assert.match(unruledRoutes({ ...shippedPolicy, views }, one.routes) ?? '', /GET \/api\/views\/hits has no rule/);
  const more = { ...shippedPolicy.views, cellar: shippedPolicy.views['hits'] as Rule };
  assert.match(unruledRoutes({ ...shippedPolicy, views: more }, one.routes) ?? '', /cellar does not exist/);
});

test('the routes that no line of the policy file decides about are these and no others [II.E] [II.A]', () => {
  const without = (kind: string) =>
    one.routes
      .filter(({ rule }) => rule.kind === kind)
      .map(({ method, path }) => `${method} ${path}`)
      .sort();
  assert.deepEqual(without('public'), [
    'GET /api/banner',
    'GET /healthz',
    'GET /readyz',
    'POST /api/enrol',
    'POST /api/first',
    'POST /api/passkeys/challenge',
    'POST /api/session',
  ]);
  assert.deepEqual(without('session'), [
    'DELETE /api/session',
    'GET /api/policy/words',
    'GET /api/session',
    'GET /api/suspension',
    'POST /api/passkeys',
    'POST /api/passkeys/options',
    'POST /api/session/step-up',
  ]);
  const inTable = new Set(one.routes.map(({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`));
  const beside = one.app.routes.map(({ method, path }) => `${method} ${path}`).filter((one) => !inTable.has(one));
  // The guards and the console's own files, the two documents, and metrics, which has a guard of its own.
  const known = ['ALL /*', 'GET /*', 'GET /api/docs', 'GET /api/openapi.json', 'GET /metrics'];
  assert.deepEqual([...new Set(beside)].sort(), known);
});

test('whatever is not in the table of routes is not there [II.E]', async () => {
  const client = await one.signedIn('chief');
  for (const path of ['/api/', '/api/nothing', '/api/users/chief', '/api/actions', '/api/actions/constructor']) {
    const { status, body } = await client.get(path);
    assert.equal(status, 404, path);
    assert.equal(body['code'], 'NOT_FOUND');
  }
  const unknown = await client.post('/api/actions/door.open');
  assert.equal(unknown.status, 404);
});

test('every refusal of the gates is in the ledger, with code, clause and its number in the answer [IV.C.6.a]', async () => {
  const client = await one.signedIn('op');
  const { status, body } = await client.get('/api/views/users');
  assert.equal(status, 403);
  let found = '';
  one.ledger.replay(body['sequence'] as number, (record) => {
    found = `${record.actor_id} ${record.action} ${record.object_id} ${record.decision} ${record.code} ${record.clause}`;
    return false;
  });
  assert.equal(found, 'op view.show users refuse ROLE_REQUIRED II.E');
});

test('any body, query and path: a problem document, never an internal [II.E]', async () => {
  const client = await one.signedIn('sup');
  const routes = one.routes.filter((route) => isAskable(route) && !route.path.startsWith('/api/passkeys'));
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', '../..', '%00', '\u202e', "'; DROP TABLE reads; --", '-1', '1e309', 'NaN'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: routes.length - 1 }),
      fc.json(),
      text,
      fc.boolean(),
      async (at, body, word, broken) => {
        const { method, path, query } = routes[at] as AnyRoute;
        const filled = path.replace(/\{\w+\}/g, encodeURIComponent(word) || 'x');
        const names = query instanceof z.ZodObject ? Object.keys(query.shape) : ['x'];
        const asked = `${filled}?${names.map((name) => `${name}=${encodeURIComponent(word)}`).join('&')}`;
        const headers = { 'x-platestream': '1', 'content-type': 'application/json' };
        const init = method === 'GET' ? {} : { method, headers, body: broken ? body.slice(0, -1) : body };
        const response = await client.raw(asked, init);
        const answer = await response.text();
        assert.notEqual(response.status, 500, `${method} ${asked} ${body}: ${answer}`);
        assert.doesNotMatch(answer, /node_modules|\.ts:\d|\.js:\d|at Object\./);
        if (response.status >= 400) {
          assert.equal(response.headers.get('content-type'), 'application/problem+json');
          const { code, detail } = JSON.parse(answer) as { code: string; detail: string };
          assert.match(code, /^[A-Z_]+$/);
          assert.ok(detail.length > 5);
        }
      },
    ),
    { numRuns: 400 },
  );
});

test('a body that is no object at all: every route says so', async () => {
  const client = await one.signedIn('sup');
  const headers = { 'x-platestream': '1', 'content-type': 'application/json' };
  for (const { method, path } of one.routes.filter((route) => isAskable(route) && route.body !== undefined))
    for (const body of ['null', '[]', '1', '"x"', 'false']) {
      const { status } = await client.raw(path.replace(/\{\w+\}/g, 'x'), { method, headers, body });
      assert.ok(status >= 400 && status < 500, `${method} ${path} ${body}: ${status}`);
    }
});

test('a body that is too large is not even read to its end', async () => {
  const client = await one.signedIn('chief');
  const huge = { userId: 'x'.repeat(2 << 20), name: 'x' };
  const { status, body } = await client.post('/api/actions/user.create', huge);
  assert.equal(status, 413);
  assert.equal(body['code'], 'BODY_TOO_LARGE');
});
