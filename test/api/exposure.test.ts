import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf } from '../../src/api/address.js';
import { createApp } from '../../src/api/app.js';
import { serverSettings } from '../../src/api/settings.js';
import { exposureProblem, startServing } from '../../src/serving.js';
import { suite } from '../support/suite.js';
import { type Department, openDepartment } from './department.js';

const { test, before, after } = suite('what is reachable from where (T20)');
let one: Department;
const folder = mkdtempSync(join(tmpdir(), 'ps-tls-'));
before(async () => {
  one = await openDepartment();
});
after(async () => {
  await one.close();
  rmSync(folder, { recursive: true, force: true });
});

test('beyond loopback only with TLS or a stated proxy, and with the address browsers use [IV.B.1.a(3)]', () => {
  const problem = (more: object) => exposureProblem(serverSettings.parse(more));
  const tls = { certFile: 'a.pem', keyFile: 'b.pem' };
  const origin = 'https://alpr.example.gov';
  for (const host of ['127.0.0.1', 'localhost', '::1']) assert.equal(problem({ host }), null, host);
  for (const host of ['0.0.0.0', '192.0.2.1', '::', 'alpr.example.gov']) {
    assert.match(problem({ host }) ?? '', /only with TLS/, host);
    assert.match(problem({ host, tls }) ?? '', /server\.origin/);
    assert.match(problem({ host, tls, origin: 'http://alpr.example.gov' }) ?? '', /server\.origin/);
    assert.equal(problem({ host, tls, origin }), null);
    assert.equal(problem({ host, trustedProxies: ['192.0.2.7'], origin }), null);
  }
  assert.match(problem({ tls: { certFile: 'a.pem' } }) ?? '', /both/);
});

test('only a stated proxy says for whom it asks; the last word that a client can not write counts [IV.C.2.a]', () => {
  assert.equal(addressOf('192.0.2.7', '198.51.100.1', []), '192.0.2.7');
  assert.equal(addressOf('192.0.2.7', '203.0.113.9, 198.51.100.1', ['192.0.2.7']), '198.51.100.1');
  assert.equal(addressOf('203.0.113.1', '198.51.100.1', ['192.0.2.7']), '203.0.113.1');
  assert.equal(addressOf('192.0.2.7', '192.0.2.8', ['192.0.2.7', '192.0.2.8']), '192.0.2.7');
});

test('behind a proxy nobody else gets in; without the token metrics are for this machine alone [II.E]', async () => {
  const server = {
    origin: 'https://alpr.example.gov',
    trustedProxies: ['192.0.2.7'],
    metricsToken: 'a-token-of-the-monitor',
  };
  const app = createApp({ ...one.services, server });
  const ask = async (path: string, peer: string, headers: Record<string, string> = {}) => {
    const env = { incoming: { socket: { remoteAddress: peer } } };
    return (await app.request(path, { headers: { host: 'alpr.example.gov', ...headers } }, env)).status;
  };
  assert.equal(await ask('/api/banner', '192.0.2.7'), 200);
  assert.equal(await ask('/api/banner', '203.0.113.1'), 403);
  assert.equal(await ask('/api/banner', '192.0.2.7', { host: 'elsewhere.example' }), 403);
  assert.equal(await ask('/metrics', '127.0.0.1'), 200);
  assert.equal(await ask('/metrics', '::ffff:127.0.0.1'), 200);
  assert.equal(await ask('/metrics', '127.0.0.1', { 'x-forwarded-for': '203.0.113.1' }), 404, 'through a local proxy');
  assert.equal(await ask('/metrics', '192.0.2.7'), 404);
  assert.equal(await ask('/metrics', '192.0.2.7', { authorization: 'Bearer wrong' }), 404);
  assert.equal(await ask('/metrics', '192.0.2.7', { authorization: 'Bearer a-token-of-the-monitor' }), 200);
});

test('with a certificate it speaks TLS and nothing else on that port [IV.B.1.a(3)]', async () => {
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
    '-keyout',
    keyFile,
    '-out',
    certFile,
  ]);
  assert.equal(made.status, 0, `openssl is needed: ${made.stderr}`);
  const serving = await startServing(
    one.app.fetch as never,
    serverSettings.parse({ port: 0, tls: { certFile, keyFile } }),
  );
  assert.ok(serving.ok);
  const { port } = new URL(serving.value.address);
  const status = await new Promise((resolve, reject) => {
    const request = get(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        path: '/healthz',
        ca: readFileSync(certFile),
        headers: { host: 'localhost' },
        agent: false,
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    request.on('error', reject);
  });
  assert.equal(status, 200);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/healthz`));
  await serving.value.close();
  const missing = await startServing(
    one.app.fetch as never,
    serverSettings.parse({ port: 0, tls: { certFile: join(folder, 'none'), keyFile } }),
  );
  assert.ok(!missing.ok && missing.error.startsWith('server.tls: '));
});
