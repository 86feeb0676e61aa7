import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareDemoDepartment } from '../../src/governed/demo_department.js';
import { packagePath } from '../../src/package_root.js';
import { startRtspServer } from '../../src/simulator/rtsp/server.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { startBadRtsp } from '../support/bad_rtsp.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('cameras with passwords, among cameras that misbehave');
const folder = mkdtempSync(join(tmpdir(), 'platestream-secrets-'));
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});
const username = 'viewer-of-yard';
const password = 'r1ght: p@ss/wörd';
const wrongPassword = 'wr0ng: p@ss/wörd';

/** All shapes in which a password could get out. */
const shapes = [password, wrongPassword].flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  encodeURI(secret),
  Buffer.from(`${username}:${secret}`).toString('base64'),
]);

function assertSilent(what: string, content: string | Buffer): void {
  for (const shape of shapes) assert.ok(!content.includes(shape), `${what} tells ${shape}`);
}

function secretFile(name: string, secret: string): string {
  writeFileSync(join(folder, name), `${secret}\n`);
  return join(folder, name);
}

async function cameras() {
  const clips = [clipPath('plate-20')];
  const auth = { credential: { username, password }, schemes: ['digest', 'basic'] as const, realm: 'yard' };
  const yard = await startRtspServer({ clips, auth });
  const bad = [await startBadRtsp('hang'), await startBadRtsp('trickle'), await startBadRtsp('lie')] as const;
  closing.push(() => yard.close(), ...bad.map(({ close }) => close));
  const [hang, trickle, lie] = bad.map(({ url }) => url);
  const [url] = yard.urls;
  return [
    { id: 'right', url, username, passwordFile: secretFile('right', password) },
    { id: 'wrong', url, username, passwordFile: secretFile('wrong', wrongPassword) },
    { id: 'hang', url: hang, connectTimeoutMs: 1_000 },
    { id: 'trickle', url: trickle, connectTimeoutMs: 1_000 },
    { id: 'lie', url: lie, readTimeoutMs: 1_000 },
  ];
}

function startServe(config: object): { child: ChildProcess; said(): string } {
  const file = join(folder, 'platestream.yaml');
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), 'serve', '--config', file, '--json']);
  closing.push(() => child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return { child, said: () => output };
}

interface Shown {
  readonly cameraId: string;
  readonly live: { readonly state: string; readonly reason: string; readonly counts: { readonly captured: number } };
}

/** Arguments of a process and of its children, as every user of the machine may see them. */
function argumentsBelow(pid: number): string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return [readFileSync(`/proc/${pid}/cmdline`, 'utf8'), ...children.flatMap((child) => argumentsBelow(Number(child)))];
}

test('the right one plays, the others say in one reason why not; no password in arguments, metrics, answers, log or files; Ctrl-C drains', async () => {
  const dataDir = join(folder, 'data');
  const list = await cameras();
  const signIn = await prepareDemoDepartment(
    { dataDir },
    list.map(({ id }) => id),
  );
  const config = { dataDir, log: 'debug', server: { port: 0 }, alerts: { canaryEverySeconds: 0 }, cameras: list };
  const { child, said } = startServe(config);
  const address = await until('the address', () => /listening on (http:\S+)/.exec(said())?.[1]);
  const headers = await signIn(address);
  const textOf = async (path: string) => (await fetch(address + path, { headers })).text();
  const shown = async () => (JSON.parse(await textOf('/api/views/cameras')) as { items: Shown[] }).items;
  const live = async (id: string) => (await shown()).find(({ cameraId }) => cameraId === id)?.live;

  const expected = {
    wrong: /401|unauthori[sz]ed/i,
    hang: /no answer/,
    trickle: /no answer/,
    lie: /no data|no picture/,
  };
  for (const [id, reason] of Object.entries(expected))
    await until(
      `why ${id} does not play`,
      async () => {
        const state = await live(id);
        return state?.state === 'waiting' && reason.test(state.reason);
      },
      60_000,
    );
  const captured = async () => (await live('right'))?.counts.captured ?? 0;
  const before = await captured();
  await until('the right camera to go on', async () => (await captured()) > before + 5);

  if (existsSync('/proc/self/cmdline')) {
    const all = argumentsBelow(child.pid as number);
    assert.ok(
      all.some((line) => line.includes('engine/process')),
      'the engine is among them',
    );
    assertSilent('an argument', all.join('\n'));
  }
  const paths = [
    '/metrics',
    '/healthz',
    '/readyz',
    '/api/views/cameras',
    '/api/openapi.json',
    '/api/cameras/none',
    '/api/none',
  ];
  for (const path of paths) assertSilent(path, await textOf(path));

  child.kill('SIGINT');
  await until('the end', () => child.exitCode !== null || child.signalCode !== null);
  assert.equal(child.exitCode, 0, said().slice(-500));
  assertSilent('the log', said());
  const summary = JSON.parse(said().trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
  assert.ok(summary['balanced'] === true && summary['inFlight'] === 0 && Number(summary['captured']) > 5);
  const files = filesBelow(dataDir, '').filter((path) => statSync(join(dataDir, path)).isFile());
  assert.ok(files.length > 5);
  for (const path of files) assertSilent(path, readFileSync(join(dataDir, path)));
});
