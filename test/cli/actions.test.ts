import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { actionsPage } from '../../src/policy/actions_page.js';
import { commands } from '../../src/policy/commands.js';
import { loadPolicy } from '../../src/policy/policy_file.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('actions on the command line');
const program = packagePath('bin', 'platestream.js');
const folder = mkdtempSync(join(tmpdir(), 'platestream-actions-'));
const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
after(async () => {
  for (const close of closing.reverse()) await close();
});

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

const sessionOf = (who: string) => join(folder, `${who}.json`);

/** One command of somebody, with what they type. */
function run(who: string, args: readonly string[], typed: readonly string[] = []): Promise<Said> {
  const env = { ...process.env, PLATESTREAM_SESSION: sessionOf(who) };
  const child = spawn(process.execPath, [program, ...args], { env });
  const said = { out: '', error: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.error += chunk));
  child.stdin.end(typed.map((line) => `${line}\n`).join(''));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

async function did(who: string, line: string, typed: readonly string[] = []): Promise<string> {
  const { code, out, error } = await run(who, line.split(' '), typed);
  assert.equal(code, 0, `${line}: ${out}${error}`);
  return out;
}

const password = (who: string) => `six lanterns and ${who} owls`;

async function enrol(who: string, address: string, token: string, more = ''): Promise<void> {
  const out = await did(who, `session enrol ${who} --server ${address}${more}`, [token, password(who)]);
  const secret = /secret=([A-Z2-7]+)/.exec(out)?.[1] ?? '';
  await did(who, `session open ${who} --server ${address}`, [password(who), totpCode(secret, Date.now())]);
}

async function hire(who: string, role: string, address: string): Promise<void> {
  const made = await did('chief', `user create --user-id ${who} --name ${who} --json`);
  const { enrolment } = JSON.parse(made) as { enrolment: { token: string } };
  await did('chief', `designation grant --user-id ${who} --role ${role} --scope everything`);
  await enrol(who, address, enrolment.token);
  await did(who, 'profile set --categories stolen_vehicle,warrant');
}

test('from the first token to a trained operator by commands alone; nothing secret and no plate in an argument [II.E] [IV.A.2] [IV.E.1]', async () => {
  const config = join(folder, 'platestream.yaml');
  const dataDir = join(folder, 'data');
  writeFileSync(
    config,
    JSON.stringify({ dataDir, log: 'warn', server: { port: 0 }, alerts: { canaryEverySeconds: 0 } }),
  );
  const child = spawn(process.execPath, [program, 'serve', '--config', config, '--json']);
  closing.push(() => child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const address = await until('the address', () => /listening on (http:\S+)/.exec(said)?.[1]);
  const token = await until('the token', () => /^ {2}([\w-]{43})$/m.exec(said)?.[1]);

  await enrol('chief', address, token, ' --name Ada');
  assert.equal(statSync(sessionOf('chief')).mode & 0o777, 0o600, 'a session is its owner’s');
  await did('chief', 'profile set --categories warrant');
  await hire('tech', 'technician', address);
  await hire('op', 'operator', address);
  const early = await run('op', ['show', 'alerts']);
  assert.equal(early.code, 1);
  assert.match(early.error, /^TRAINING_MISSING \(IV\.E\.\S+, ledger \d+\): .+\n$/);

  const materials = join(folder, 'materials.pdf');
  for (const [kind, modules] of [
    ['alpr', 'operation,data_security,policy'],
    ['cjis_security', ''],
  ] as const) {
    writeFileSync(materials, `course ${kind}`);
    await did(
      'tech',
      `training approve-course --kind ${kind} --title ${kind} --materials ${materials} --modules=${modules}`,
    );
    const course = hash('sha256', readFileSync(materials), 'hex');
    const recorded = `--course-hash ${course} --attendees op --attendance ${materials} --held-at now --json`;
    const session = JSON.parse(await did('tech', `training record-session ${recorded}`)) as { id: string };
    await did('tech', `training certify --user-id op --session-id ${session.id} --score 92 --certificate ${materials}`);
  }
  await did('op', 'show alerts --json');
  const ends = new Date(Date.now() + 86_400_000).toISOString();
  const entry = `--plate --state MA --category warrant --case-no 26-0001 --expires-at ${ends} --why sought`;
  const asked = await did('op', `entry request ${entry}`, ['TST1234']);
  assert.match(asked, /^entry\.request: done, request-\d+ \(ledger \d+\)\n$/);
  assert.match(await did('chief', 'show users'), /^op +op +employee/m);

  const wrong = await run('tech', ['training', 'certify', '--user-id', 'op']);
  assert.deepEqual([wrong.code, wrong.out], [2, '']);
  assert.match(wrong.error, /^platestream: --session-id is missing; .+\n$/);
  const refused = await run('op', ['user', 'freeze', '--user-id', 'tech', '--why', 'no reason']);
  assert.equal(refused.code, 1);
  assert.match(refused.error, /^ROLE_REQUIRED \(/);
  await did('op', 'session close');
  assert.equal((await run('op', ['show', 'alerts'])).code, 1);
});

test('every action that people may give is a command', async () => {
  const { main } = await import('../../src/cli/commands.js');
  const nouns = Object.keys(main.subCommands as object);
  const policy = loadPolicy(packagePath('policies', '41-12.yaml'));
  assert.ok(policy.ok);
  for (const action of commands.keys()) {
    const isForPeople = policy.value.commands[action]?.roles.some((role) => role !== 'system');
    if (isForPeople) assert.ok(nouns.includes(action.split('.')[0] as string), action);
  }
});

test('docs/actions.md is what the declarations and the shipped policy say (npm run docs:actions)', () => {
  const policy = loadPolicy(packagePath('policies', '41-12.yaml'));
  assert.ok(policy.ok);
  assert.equal(readFileSync(packagePath('docs', 'actions.md'), 'utf8'), actionsPage(policy.value));
});
