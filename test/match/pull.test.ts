import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { csv, listsOfTest } from './lists_support.js';

const { test, before, after } = suite('hot list pulled over HTTPS');
const { running, newFolder, close } = listsOfTest();
const folder = newFolder();
const caFile = join(folder, 'cert.pem');
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const publicKeyFile = join(folder, 'source.pem');
let list: Buffer = gzipSync(csv('1ZZZ11,warrant'));
let isSignatureRight = true;
let status = 200;
let server: Server;
let url = '';
before(async () => {
  const key = join(folder, 'key.pem');
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      ...subject,
      '-keyout',
      key,
      '-out',
      caFile,
    ],
    { stdio: 'ignore' },
  );
  writeFileSync(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  server = createServer({ key: readFileSync(key), cert: readFileSync(caFile) }, (request, response) => {
    const digest = isSignatureRight ? hash('sha256', list, 'hex') : 'another';
    response.writeHead(status, { location: '/elsewhere' });
    response.end(request.url?.endsWith('.sig') ? sign(null, Buffer.from(digest), privateKey).toString('base64') : list);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://localhost:${(server.address() as AddressInfo).port}/ncic.csv.gz`;
});
after(async () => {
  await close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const pulling = (more: object = {}) =>
  running(csv('0UNUSED,warrant'), { sources: [{ name: 'pulled', format: 'csv', url, countMoveMax: 1, ...more }] });
const trusting = { caFile: '', privateAddresses: true, publicKeyFile };
const problemOf = (one: Awaited<ReturnType<typeof pulling>>) => until('the problem', () => one.lists.problems()[0]);

test('a list is pulled, unpacked, its signature checked, and loaded', async () => {
  const one = await pulling({ ...trusting, caFile });
  await until('the list', () => one.isMatched('1ZZZ11'));
  assert.equal(one.lists.matcher.snapshot?.header.sources[0]?.signed, true);
});

test('a private address, an unknown certificate, a redirect, a wrong signature: nothing is loaded and the problem says why', async () => {
  assert.match(await problemOf(await pulling({ caFile })), /private address/);
  assert.match(await problemOf(await pulling({ privateAddresses: true })), /SELF_SIGNED|self.signed/i);
  status = 302;
  assert.match(await problemOf(await pulling({ ...trusting, caFile })), /answered 302/);
  status = 200;
  isSignatureRight = false;
  const wrong = await pulling({ ...trusting, caFile });
  assert.match(await problemOf(wrong), /signature is not that/);
  assert.ok(!wrong.isMatched('1ZZZ11'));
  isSignatureRight = true;
  list = list.subarray(0, list.length - 10);
  assert.match(await problemOf(await pulling({ ...trusting, caFile })), /cannot be read|without an answer/);
});
