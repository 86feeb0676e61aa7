import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { packagePath } from '../../src/package_root.js';
import { type RtspServerHandle, startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { makeAuthority, makeSelfSigned, type Signed } from '../support/authority.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { watchCamera } from '../support/watch_camera.js';

/** Our simulator behind TLS, with certificates of all kinds. */
const { test, before, after } = suite('the certificate of a camera');
const folder = mkdtempSync(join(tmpdir(), 'platestream-certificate-'));
let street: RtspServerHandle;
before(async () => {
  street = await startRtspServer({ clips: [clipPath('two-line')] });
});
after(async () => {
  await street.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An RTSPS address of the simulated camera, shown with this certificate. */
async function encrypted({ certificate, key }: Signed): Promise<{ url: string; close(): Promise<void> }> {
  const options = { cert: readFileSync(certificate), key: readFileSync(key) };
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer(options, (socket) => {
    const inner = connect(street.port, '127.0.0.1');
    for (const one of [socket, inner]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => [socket, inner].map((end) => end.destroy()));
    }
    socket.pipe(inner).pipe(socket);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `rtsps://127.0.0.1:${(server.address() as AddressInfo).port}/cam1`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const authority = makeAuthority(folder);
const right = authority.sign('right', 'IP:127.0.0.1');
const otherHost = authority.sign('other-host', 'DNS:camera-9.example.org');
const own = makeSelfSigned(folder, 'as-delivered');

const plays: [string, Signed, { verify: boolean; caFile?: string }][] = [
  ['signed by who is trusted, for this host', right, { verify: true, caFile: authority.file }],
  ['its own certificate, which is the very one that is trusted', own, { verify: true, caFile: own.certificate }],
  ['its own certificate, where nothing is to be checked', own, { verify: false }],
];
for (const [what, shown, tls] of plays)
  test(`plays: ${what}`, async () => {
    const camera = await encrypted(shown);
    const seen = watchCamera(camera.url, { tls, connectTimeoutMs: 20_000, readTimeoutMs: 10_000 });
    await until('frames', () => seen.frames.length >= 3);
    await seen.camera.stop('test over');
    await camera.close();
  });

writeFileSync(join(folder, 'none.pem'), 'not a certificate');
const refused: [string, Signed, { verify: boolean; caFile?: string }, RegExp][] = [
  [
    'its own certificate, by default',
    own,
    { verify: true },
    /certificate is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  ],
  [
    'signed by somebody else',
    own,
    { verify: true, caFile: authority.file },
    /certificate is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  ],
  [
    'signed by who is trusted, for another host',
    otherHost,
    { verify: true, caFile: authority.file },
    /certificate is not accepted \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
  ],
  ['nobody to trust', right, { verify: true, caFile: join(folder, 'none.pem') }, /none\.pem holds no certificate/],
  [
    'a file that is not there',
    right,
    { verify: true, caFile: join(folder, 'no.pem') },
    /no\.pem cannot be read \(ENOENT\)/,
  ],
];
for (const [what, shown, tls, reason] of refused)
  test(`is not played, with a reason: ${what}`, async () => {
    const camera = await encrypted(shown);
    const seen = watchCamera(camera.url, { tls, connectTimeoutMs: 20_000 });
    await until(
      'a reason',
      () => seen.states.some((state) => state.kind === 'waiting' && reason.test(state.reason)),
      30_000,
    );
    await seen.camera.stop('test over');
    await camera.close();
    assert.equal(seen.frames.length, 0);
  });

test('read: an address whose certificate is not accepted has one line, and plays with --tls-ca-file', async () => {
  const camera = await encrypted(own);
  const read = (...args: string[]) =>
    new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const all = [packagePath('bin', 'platestream.js'), 'read', '--json', '--engine', 'onnx', ...args, camera.url];
      const child = spawn(process.execPath, all);
      const output = { stdout: '', stderr: '' };
      child.stdout.on('data', (chunk) => (output.stdout += chunk));
      child.stderr.on('data', (chunk) => (output.stderr += chunk));
      child.on('close', (status) => resolve({ status, ...output }));
    });
  const without = await read();
  assert.equal(without.status, 2);
  assert.match(without.stderr, /^platestream: rtsps:\S+: its certificate is not accepted .*tls.*\n$/);
  const plays = await read('--tls-ca-file', own.certificate, '--seconds', '8');
  assert.equal(plays.status, 0, plays.stderr);
  assert.match(plays.stdout, /"plates":\[\{"text":"[A-Z0-9]+"/);
  await camera.close();
});
