import { strict as assert } from 'node:assert';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packagePath } from '../../src/package_root.js';
import { missing } from '../support/missing.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('the whole way by curl', missing('curl'));
const program = packagePath('bin', 'platestream.js');
const folder = mkdtempSync(join(tmpdir(), 'platestream-curl-'));
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

test('examples/first_search.sh: from the first token to a search whose reason the auditor reads [II.E] [IV.A.2] [IV.A.5] [IV.C.6.b]', async () => {
  const dataDir = join(folder, 'data');
  const config = join(folder, 'platestream.yaml');
  const cameras = [{ id: 'street', url: 'rtsp://127.0.0.1:1/' }];
  writeFileSync(
    config,
    JSON.stringify({ dataDir, log: 'error', server: { port: 0 }, alerts: { canaryEverySeconds: 0 }, cameras }),
  );
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--json']);
  closing.push(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const address = await until('the address', () => /listening on (http:\S+)/.exec(said)?.[1]);
  const token = await until('the token', () => /^ {2}([\w-]{43})$/m.exec(said)?.[1]);

  const { stdout } = await promisify(execFile)(packagePath('examples', 'first_search.sh'), [address, token]);
  assert.match(stdout, /^ana searched for TST1234: .*"complete":true/m, stdout);
  const [record] = (JSON.parse(stdout.trim().split('\n').at(-1) as string) as { items: Recorded[] }).items;
  assert.deepEqual(
    [record?.actor_id, record?.action, record?.reason.caseNo],
    ['ana', 'access.intent', '26-0001'],
    stdout,
  );

  child.kill('SIGTERM');
  await until('the end', () => child.exitCode !== null);
  const verdict = spawnSync(process.execPath, [program, 'ledger', 'verify', dataDir, '--json'], { encoding: 'utf8' });
  assert.equal(verdict.status, 0, verdict.stdout);
});

interface Recorded {
  readonly actor_id: string;
  readonly action: string;
  readonly reason: { readonly caseNo: string };
}
