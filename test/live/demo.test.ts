import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('the main job');
const started: ChildProcess[] = [];
after(() => {
  for (const child of started) child.kill('SIGKILL');
});
const program = packagePath('bin', 'platestream.js');

/** A running `demo --json`: its output lines as they come, its API address. */
function startDemo(...args: string[]) {
  const child = spawn(process.execPath, [program, 'demo', '--json', '--port', '0', ...args]);
  started.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += chunk));
  child.stderr.on('data', (chunk) => (output.stderr += chunk));
  const alerts = () => output.stdout.split('\n').filter((line) => line.startsWith('{"alert"')).length;
  const address = () => until('the API address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)?.[0], 30_000);
  return { child, alerts, address, output };
}

async function summaryOf(demo: ReturnType<typeof startDemo>) {
  await new Promise((resolve) => (demo.child.exitCode === null ? demo.child.once('close', resolve) : resolve(null)));
  const last = demo.output.stdout.trim().split('\n').at(-1) ?? '';
  assert.ok(
    last.startsWith('{"cameras"'),
    `no summary: ${demo.output.stdout.slice(-500)} ${demo.output.stderr.slice(-500)}`,
  );
  return JSON.parse(last) as { captured: number; inFlight: number; alerts: number; balanced: boolean; reads: number };
}

/** `captured = in_flight + read + empty + dropped + failed` for every camera of a scrape. */
async function assertBalanced(address: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const sums = new Map<string, number>();
  let captured = 0;
  for (const line of text.split('\n')) {
    const found = /^platestream_frames_(captured_total|in_flight|total)\{camera="([^"]+)"[^}]*\} (\d+)/.exec(line);
    if (!found) continue;
    const [, name, camera, value] = found as unknown as [string, string, string, string];
    const sign = name === 'captured_total' ? 1 : -1;
    if (sign === 1) captured += Number(value);
    sums.set(camera, (sums.get(camera) ?? 0) + sign * Number(value));
  }
  for (const [camera, sum] of sums) assert.equal(sum, 0, `frames of ${camera}`);
  return captured;
}

/** The engine among the children of a process, as Linux tells them. */
function engineOf(child: ChildProcess): number | undefined {
  const pids = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
  return pids.map(Number).find((pid) => pid > 0 && commandOf(pid).includes('engine_process'));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const hasProc = existsSync(`/proc/self/task/${process.pid}/children`);

test(
  'cameras to alerts: SSE resumes, every scrape balances, an engine killed with -9 comes back, SIGTERM drains, a second start works',
  async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'platestream-live-'));
    const demo = startDemo('--cameras', '2', '--data-dir', dataDir);
    const address = await demo.address();
    await until('an alert', () => demo.alerts() > 0, 60_000);
    assert.ok((await assertBalanced(address)) > 0);

    const stream = await fetch(`${address}/api/alerts?after=0`);
    const reader = stream.body?.getReader();
    let text = '';
    while (!text.includes('\ndata: ')) text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    assert.match(text, /id: 1\n|event: alert/);
    assert.match(text, /"potential":true,"verification":"unverified"/);

    if (hasProc) {
      const before = (await until('an engine', () => engineOf(demo.child))) as number;
      process.kill(before, 'SIGKILL');
      await until('another engine', () => {
        const now = engineOf(demo.child);
        return now !== undefined && now !== before;
      });
      await until('ready again', async () => (await fetch(`${address}/readyz`)).status === 200, 30_000);
      await assertBalanced(address);
    }
    demo.child.kill('SIGTERM');
    const first = await summaryOf(demo);
    assert.ok(first.balanced && first.inFlight === 0 && first.captured > 0 && first.alerts > 0);

    const again = startDemo('--cameras', '1', '--data-dir', dataDir, '--seconds', '3');
    const second = await summaryOf(again);
    assert.ok(second.balanced && again.child.exitCode === 0);
  },
  { timeoutMs: 180_000 },
);

test(
  'bad input: one clear line, exit code 2',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-bad-'));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const cases: [string[], RegExp][] = [
      [['serve', '--config', join(folder, 'none.yaml')], /none\.yaml: no such file/],
      [['serve', '--config', file('key.yaml', 'camras: []\n')], /unknown key "camras"/],
      [['serve', '--config', file('host.yaml', 'server: {host: 0.0.0.0}\n')], /loopback only/],
      [
        [
          'serve',
          '--config',
          file('list.yaml', `dataDir: ${folder}/d\nhotList: {file: ${file('bad.csv', 'plate,category\n???,x\n')}}\n`),
        ],
        /hot list .*line 2/,
      ],
      [
        ['serve', '--config', file('dir.yaml', `dataDir: ${folder}/dir.yaml/below\n`)],
        /data directory .*cannot be written/,
      ],
      [['demo', '--cameras', 'many'], /--cameras many: must be a whole number/],
      [['camera-sim', join(folder, 'none.mp4')], /none\.mp4: no such file/],
      [['camera-sim', file('empty.mp4', '')], /empty\.mp4: not a readable video file/],
    ];
    for (const [args, expected] of cases) {
      const { status, stderr } = spawnSync(process.execPath, [program, ...args], { timeout: 20_000, encoding: 'utf8' });
      assert.equal(status, 2, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, expected);
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
    }
  },
  { timeoutMs: 120_000 },
);
