import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('canaries of a running program');
const folder = mkdtempSync(join(tmpdir(), 'platestream-canary-'));
let child: ChildProcess | null = null;
after(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

test('synthetic reads come out of a real program as alerts, again and again, and are measured', async () => {
  const config = {
    dataDir: join(folder, 'data'),
    log: 'warn',
    server: { port: 0 },
    alerts: { canaryEverySeconds: 0.5 },
  };
  const file = join(folder, 'platestream.yaml');
  writeFileSync(file, JSON.stringify(config));
  const server = spawn(process.execPath, [packagePath('bin', 'platestream.js'), 'serve', '--config', file]);
  child = server;
  let output = '';
  server.stderr.on('data', (chunk) => (output += chunk));
  const address = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0]);
  const value = async (name: string) => {
    const text = await (await fetch(`${address}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? Number.NaN);
  };
  await until('three canaries', async () => (await value('platestream_alert_canary_seconds_count')) >= 3);
  assert.equal(await value('platestream_alert_canary_failures_total'), 0);
  assert.equal(await value('platestream_alerts_unacknowledged'), 0);
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('exit', resolve));
});
