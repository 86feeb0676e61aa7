import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { until } from './until.js';

/** Debian's promtool, in suites that are skipped where it is missing. */
export function promtool(...args: string[]): { readonly ok: boolean; readonly output: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', timeout: 300_000 });
  return { ok: status === 0, output: `${stdout}${stderr}` };
}

/** Series of an instant query. @throws Prometheus' own words when the query is wrong. */
export type Query = (expr: string) => Promise<readonly { metric: Record<string, string>; value: [number, string] }[]>;

/** A real Prometheus with our rules, scraping `target` (`host:port`) every second. */
export async function startPrometheus(target: string): Promise<{ query: Query; stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-prometheus-'));
  copyFileSync(packagePath('deploy', 'prometheus', 'rules.yml'), join(folder, 'rules.yml'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'platestream', static_configs: [{ targets: [target] }] }],
  };
  writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const server = spawn('prometheus', [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ]);
  let log = '';
  server.stderr.on('data', (chunk) => (log += chunk));
  const ready = async () => {
    if (server.exitCode !== null) throw new Error(`prometheus ended: ${log.slice(-500)}`);
    return (await fetch(`http://${address}/-/ready`).catch(() => null))?.ok;
  };
  await until('Prometheus', ready);
  return {
    async query(expr) {
      const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
      const answer = (await response.json()) as { status: string; error?: string; data: { result: never[] } };
      if (answer.status !== 'success') throw new Error(`${expr}: ${answer.error}`);
      return answer.data.result;
    },
    async stop() {
      await ended(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Prometheus does not say which port it took, so it is told one that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
