import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { demoClient, eventsOf } from '../support/api_client.js';
import { unlistedFiles } from '../support/files.js';
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
  const address = () => until('the API address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output.stderr)?.[0]);
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
  return pids.map(Number).find((pid) => pid > 0 && commandOf(pid).includes('engine/process'));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const isAlive = (pid: number) => existsSync(`/proc/${pid}`);

const hasProc = existsSync(`/proc/self/task/${process.pid}/children`);

test('cameras to alerts: SSE resumes, every scrape balances, an engine killed with -9 comes back, SIGTERM drains, a second start works; every file kept is listed [III.F]', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-live-'));
  const dataDir = join(folder, 'data');
  const demo = startDemo('--cameras', '2', '--data-dir', dataDir);
  const address = await demo.address();
  await until('an alert', () => demo.alerts() > 0);
  assert.ok((await assertBalanced(address)) > 0);

  const stranger = await fetch(`${address}/api/alerts?after=0`);
  assert.equal(stranger.status, 401);
  const operator = await demoClient(address, 'operator');
  const stream = await operator.raw('/api/alerts?after=0');
  for await (const { event, id, data } of eventsOf(stream)) {
    if (event !== 'alert') continue;
    assert.equal(id, '1');
    assert.equal(data['potential'], true);
    assert.equal(data['verification'], 'unverified');
    assert.match(String(data['hitId']), /^hit-\d+$/);
    assert.equal((data['read'] as { plate: unknown }).plate, null, 'what was read is hidden until it is compared');
    const { images } = data as { images: { plate: string; plateSha256: string } };
    const picture = await operator.raw(images.plate);
    assert.equal(picture.headers.get('content-type'), 'image/jpeg');
    const bytes = Buffer.from(await picture.arrayBuffer());
    assert.equal(hash('sha256', bytes, 'hex'), images.plateSha256);
    break;
  }

  const engines: number[] = [];
  if (hasProc) {
    const before = (await until('an engine', () => engineOf(demo.child))) as number;
    process.kill(before, 'SIGKILL');
    await until('another engine', () => {
      const now = engineOf(demo.child);
      if (now !== undefined && now !== before) engines.push(before, now);
      return engines.length > 0;
    });
    await until('ready again', async () => (await fetch(`${address}/readyz`)).status === 200);
    await assertBalanced(address);
  }
  demo.child.kill('SIGTERM');
  const first = await summaryOf(demo);
  assert.ok(first.balanced && first.inFlight === 0 && first.captured > 0 && first.alerts > 0);
  assert.deepEqual(engines.filter(isAlive), [], 'no engine is left, not even as a zombie');

  assert.deepEqual(unlistedFiles(dataDir), [], 'listed in src/governed/data_inventory.ts');

  const again = startDemo('--cameras', '1', '--data-dir', dataDir, '--seconds', '3');
  const second = await summaryOf(again);
  assert.ok(second.balanced && again.child.exitCode === 0);
  rmSync(folder, { recursive: true });
});
