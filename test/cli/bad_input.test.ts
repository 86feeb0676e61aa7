import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { lockDataDir } from '../../src/data_dir.js';
import { packagePath } from '../../src/package_root.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { type Misbehaviour, startBadRtsp } from '../support/bad_rtsp.js';
import { suite } from '../support/suite.js';

const { test, before, after } = suite('bad input');
const program = packagePath('bin', 'platestream.js');
const folder = mkdtempSync(join(tmpdir(), 'platestream-bad-'));
let taken: Server;
let takenPort = 0;
let release = () => {};

before(async () => {
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as { port: number }).port;
  const wide = { width: 100_000, height: 40, channels: 3 as const, background: '#888' };
  writeFileSync(join(folder, 'wide.png'), await sharp({ create: wide }).png().toBuffer());
  const used = await lockDataDir(join(folder, 'used'));
  assert.ok(used.ok);
  release = used.value.release;
});
after(() => {
  release();
  taken.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A file of the test's folder, made now. */
function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

function run(args: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { timeout: 300_000 });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => (output.stdout += chunk));
    child.stderr.on('data', (chunk) => (output.stderr += chunk));
    child.on('close', (status) => resolve({ status, ...output }));
  });
}

/** Exit code 2, nothing on stdout, one line on stderr that says what, where and what to do. */
async function assertRefused(args: readonly string[], expected: RegExp): Promise<void> {
  const { status, stdout, stderr } = await run(args);
  const shown = `${args.join(' ')}: ${status} ${stderr}`;
  assert.equal(status, 2, shown);
  assert.equal(stdout, '', shown);
  assert.equal(stderr.trim().split('\n').length, 1, shown);
  assert.match(stderr, expected);
}

const cutShort = (path: string, bytes: number) => readFileSync(path).subarray(0, bytes);

test('help is plain text where nobody sees colours', async () => {
  const { status, stdout } = await run(['read', '--help']);
  assert.equal(status, 0);
  assert.match(stdout, /--tls-ca-file/);
  assert.ok(!stdout.includes('\u001b'), JSON.stringify(stdout.slice(0, 80)));
});

const usage: [string[], RegExp][] = [
  [['raed', 'x.jpg'], /unknown command "raed"; there are: read, /],
  [['bench', 'reed'], /unknown command "bench reed"/],
  [['read'], /FILE is missing; see platestream read --help/],
  [['read', '--jsn', 'x.jpg'], /unknown option --jsn; see platestream read --help/],
  [['read', '--engine', 'gpu', 'x.jpg'], /--engine gpu: must be one of auto, onnx, tfjs/],
  [['read', 'x.mp4', '--fps'], /--fps needs a value/],
  [['demo', '--cameras', 'many'], /--cameras many: must be a whole number/],
];

test('wrong usage: unknown commands, options and values', async () => {
  for (const [args, expected] of usage) await assertRefused(args, expected);
});

test('read: what is no picture and no video, cut short, empty, too large, not there', async () => {
  const clip = clipPath('two-line');
  const json = (path: string) => ['read', '--json', '--engine', 'onnx', path];
  const files: [string, RegExp][] = [
    [join(folder, 'none.jpg'), /none\.jpg: no such file or folder/],
    [file('text.jpg', 'not a picture'), /text\.jpg: not a JPEG, PNG or WebP picture/],
    [file('text.pdf', '%PDF-1.7'), /text\.pdf: not a JPEG, PNG or WebP picture/],
    [file('empty.png', ''), /empty\.png: is empty \(0 bytes\)/],
    [file('empty.mp4', ''), /empty\.mp4: is empty \(0 bytes\)/],
    [file('cut.mp4', cutShort(clip, 2000)), /cut\.mp4: not a whole video file/],
    [join(folder, 'wide.png'), /wide\.png: pictures of 100000x40 are larger than the limit/],
    ['ftp://127.0.0.1/x', /only rtsp\(s\):\/\/ and http\(s\):\/\/ addresses/],
    ['rtsp://someone:secret@127.0.0.1/x', /rtsp:\/\/127\.0\.0\.1\/x: an address holds no user name or password/],
    [`rtsp://127.0.0.1:9/x`, /Connection refused/],
  ];
  for (const [path, expected] of files) {
    await assertRefused(json(path), expected);
  }
});

test('read: a camera that hangs, trickles a byte a second or describes what it never sends', async () => {
  const cases = { hang: /no answer within 5000 ms/, trickle: /no answer within 5000 ms/, lie: /no data for 5000 ms/ };
  const refused = Object.entries(cases).map(async ([misbehaviour, expected]) => {
    const server = await startBadRtsp(misbehaviour as Misbehaviour);
    await assertRefused(['read', '--json', '--engine', 'onnx', server.url], expected);
    await server.close();
  });
  await Promise.all(refused);
});

/** A configuration of its own data directory. */
const config = (name: string, ...lines: string[]) =>
  file(`${name}.yaml`, [`dataDir: ${join(folder, `data-${name}`)}`, 'log: error', ...lines].join('\n'));
const serve = (path: string) => ['serve', '--config', path];

test('serve: configuration, hot list, port and data directory; what it made it gives back', async () => {
  const list = file('bad.csv', 'plate,category\n???,x\n');
  const cases: [string[], RegExp][] = [
    [serve(join(folder, 'none.yaml')), /none\.yaml: no such file/],
    [serve(file('no.yaml', 'a: [')), /no\.yaml: not YAML/],
    [serve(file('key.yaml', 'camras: []\n')), /unknown key "camras"/],
    [serve(config('camera', 'cameras: [{id: a, url: x, fps: 3}]')), /cameras\.0: unknown key "fps"/],
    [serve(config('twice', 'cameras: [{id: a, url: x}, {id: a, url: y}]')), /the id "a" is used twice/],
    [
      serve(config('secret', 'cameras: [{id: a, url: "rtsp://u:pw@h/x"}]')),
      /an address holds no user name or password/,
    ],
    [serve(config('host', 'server: {host: 0.0.0.0}')), /host 0\.0\.0\.0.*loopback/],
    [serve(config('list', `hotList: {file: ${list}}`)), /hot list .*line 2/],
    [serve(config('port', `server: {port: ${takenPort}}`)), new RegExp(`port ${takenPort} is in use`)],
    [serve(file('below.yaml', `dataDir: ${join(folder, 'below.yaml', 'data')}`)), /data directory .*cannot be written/],
    [serve(file('used.yaml', `dataDir: ${join(folder, 'used')}`)), new RegExp(`in use by process ${process.pid}`)],
  ];
  for (const [args, expected] of cases) await assertRefused(args, expected);
  for (const name of ['list', 'port'])
    assert.ok(!existsSync(join(folder, `data-${name}`, 'control.pid')), `${name}: the data directory is free again`);
  assert.equal(readFileSync(join(folder, 'used', 'control.pid'), 'utf8'), String(process.pid), 'its holder keeps it');
});

test('camera-sim and ledger: files that are not there or not what they should be, a port in use', async () => {
  const clip = clipPath('two-line');
  const cases: [string[], RegExp][] = [
    [['camera-sim', join(folder, 'none.mp4')], /none\.mp4: no such file/],
    [['camera-sim', file('nothing.mp4', '')], /nothing\.mp4: not a readable video file/],
    [['camera-sim', clip, '--port', String(takenPort)], new RegExp(`port ${takenPort} is in use`)],
    [['ledger', 'verify', join(folder, 'no-ledger')], /no-ledger/],
  ];
  for (const [args, expected] of cases) await assertRefused(args, expected);
});
