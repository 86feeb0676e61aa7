import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { dashboards } from '../../src/observe/dashboards/grafana.js';
import { packagePath } from '../../src/package_root.js';
import { ApiClient } from '../support/api_client.js';
import { missing } from '../support/missing.js';
import { startPrometheus } from '../support/prometheus.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('a real Prometheus', missing('prometheus'));
let program: ChildProcess | null = null;
after(() => program?.kill('SIGKILL'));

/** What Grafana puts in the place of its variables. */
function filledIn(expr: string): string {
  return expr.replaceAll('$__rate_interval', '10s').replaceAll('$camera', 'demo-1');
}

test('it scrapes the running program; no panel of any dashboard is empty or in error, and frames balance', async () => {
  const demo = spawn(process.execPath, [
    packagePath('bin', 'platestream.js'),
    'demo',
    '--json',
    '--port',
    '0',
    '--cameras',
    '4',
  ]);
  program = demo;
  let said = '';
  demo.stderr.on('data', (chunk) => (said += chunk));
  let shown = '';
  demo.stdout.on('data', (chunk) => (shown += chunk));
  const address = await until('the API', () => /http:\/\/(127\.0\.0\.1:\d+)/.exec(said)?.[1]);
  const prometheus = await startPrometheus(address);
  const guess = { userId: 'somebody', password: 'a guess', factor: { kind: 'totp', code: '000000' } };
  const guessed = await ApiClient.at(`http://${address}`).post('/api/session', {
    ...guess,
    acknowledgedBanner: true,
  });
  assert.equal(guessed.body['code'], 'AUTH_FAILED');
  try {
    const alerts = () => shown.split('\n').filter((line) => line.startsWith('{"alert"')).length;
    await until('two alerts', () => alerts() >= 2, 90_000);
    for (const dashboard of dashboards) {
      for (const panel of dashboard.rows.flatMap((row) => row.panels)) {
        for (const { expr } of panel.queries) {
          const what = `${dashboard.uid}: ${panel.title}: ${expr}`;
          const hasNumber = async () =>
            (await prometheus.query(filledIn(expr))).some(({ value }) => Number.isFinite(Number(value[1])));
          await until(what, hasNumber);
        }
      }
    }
    const [refused] = await prometheus.query('platestream_auth_failures_total{reason="auth_failed"}');
    assert.equal(refused?.value[1], '1', 'the guess is counted');
    const unaccounted = await prometheus.query('platestream:frames_unaccounted');
    assert.ok(unaccounted.length >= 4, 'one series a camera');
    for (const { metric, value } of unaccounted) assert.equal(Number(value[1]), 0, metric['camera']);
  } finally {
    await prometheus.stop();
    demo.kill('SIGTERM');
    await new Promise((resolve) => demo.once('close', resolve));
  }
});
