import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { packagePath } from '../../src/package_root.js';
import { totpCode } from '../../src/policy/accounts/totp.js';
import { ApiClient, type Reply } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

/** The whole program on a real file system that is small, full, or read-only; two of it on one directory. */
const { test, skip, after } = suite('the program on a bad disk (T14)');
const place = mkdtempSync(join(tmpdir(), 'ps-disk-'));
const running = new Set<ChildProcess>();
const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
const isMounted = process.getuid?.() === 0 && mount('-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', place);
after(() => {
  for (const child of running) child.kill('SIGKILL');
  if (isMounted) spawnSync('umount', ['-l', place]);
  rmSync(place, { recursive: true, force: true });
});

function start(name: string) {
  const config = join(tmpdir(), `${name}-${process.pid}.json`);
  writeFileSync(config, JSON.stringify({ dataDir: join(place, name), server: { port: 0 }, cameras: [] }));
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), 'serve', '--config', config]);
  running.add(child);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.err += chunk));
  const ended = new Promise<number | null>((resolve) =>
    child.once('exit', (code) => {
      running.delete(child);
      rmSync(config, { force: true });
      resolve(code);
    }),
  );
  const address = () => /listening on (http:\/\/\S+)/.exec(said.out + said.err)?.[1];
  return { child, said, ended, address };
}

async function assertRefused(name: string, expected: RegExp): Promise<void> {
  const { said, ended } = start(name);
  assert.equal(await ended, 2, said.err);
  assert.equal(said.err.trim().split('\n').length, 1, said.err);
  assert.match(said.err, expected);
}

/** The first administrator of an empty system, signed in. */
async function administrator(address: string, said: { out: string; err: string }): Promise<ApiClient> {
  const token = /^\s+([\w-]{43})$/m.exec(said.out + said.err)?.[1];
  const [userId, password] = ['anna', 'green bicycles sing loudly'];
  const client = ApiClient.at(address);
  const first = await client.post('/api/first', { token, userId, name: 'Anna', password });
  assert.equal(first.status, 201, JSON.stringify(first.body));
  const code = totpCode(String(first.body['totpSecret']), Date.now());
  assert.equal((await client.signIn(userId, password, code)).status, 201);
  await client.did('profile.set', { categories: [] });
  return client;
}

const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${join(place, 'fill')}`, 'bs=64k']);
/** The last page of a file still has room on a full disk, so a few more records may fit. */
async function firstRefused(client: ApiClient): Promise<Reply> {
  for (let asked = 0; ; asked += 1) {
    const reply = await client.post('/api/actions/ticket.open', ticket);
    if (reply.status !== 200 || asked > 100) return reply;
  }
}

const ticket = { text: 'does it still record?' };

if (!isMounted) skip('a full and a read-only file system', 'mounting a small tmpfs needs root');
else {
  test('a start on a read-only or full file system ends with one line that says so, and changes nothing [III.G]', async () => {
    mkdirSync(join(place, 'old'));
    writeFileSync(join(place, 'old', 'control.pid'), '999999999');
    mount('-o', 'remount,ro', place);
    await assertRefused('new', /data directory .*new: cannot be written: .*read-only/);
    await assertRefused('old', /data directory .*old: cannot be written: its file system is read-only \(EROFS\)/);
    mount('-o', 'remount,rw', place);
    fill();
    await assertRefused('new', /cannot be written: its disk is full \(ENOSPC\)/);
    rmSync(join(place, 'fill'));
  });

  test('a disk that fills up under the running program: 507 and nothing done, then on as before; nothing recorded is lost [III.G] [IV.C.6.a]', async () => {
    const program = start('full');
    const client = await administrator(await until('the address', program.address), program.said);
    await client.did('ticket.open', ticket);
    fill();
    const refused = await firstRefused(client);
    rmSync(join(place, 'fill'));
    assert.deepEqual([refused.status, refused.body['code']], [507, 'AUDIT_DISK_FULL'], JSON.stringify(refused.body));
    assert.match(String(refused.body['detail']), /free some space/);
    const { sequence } = await client.did('ticket.open', ticket);
    program.child.kill('SIGTERM');
    assert.equal(await program.ended, 0, program.said.err);
    const verdict = verifyLedger(join(place, 'full', 'ledger'));
    assert.ok(verdict.ok && verdict.records >= sequence, JSON.stringify(verdict));
  });
}

test('two programs started on one directory at the same moment: one runs, the other says who is in the way [III.G]', async () => {
  const both = [start('shared'), start('shared')];
  const listening = await until('one of them', () => both.find(({ address }) => address() !== undefined));
  const other = both.find((one) => one !== listening);
  assert.equal(await other?.ended, 2);
  assert.match(other?.said.err ?? '', /in use by (another process|process \d+)/);
  listening.child.kill('SIGTERM');
  assert.equal(await listening.ended, 0);
});

test('asked to stop while it still starts, it starts, drains and ends with 0, whatever the signal [III.G]', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
    const program = start(`early-${signal}`);
    // The lock is the first thing that a start leaves behind; everything else of it comes after.
    const folder = join(place, `early-${signal}`);
    await until('the start to have begun', () => existsSync(join(folder, 'control.pid')));
    program.child.kill(signal);
    assert.equal(await program.ended, 0, program.said.err);
    assert.ok(verifyLedger(join(folder, 'ledger')).ok);
  }
});

test("a lock is the kernel's: a number left behind that is another process's now keeps nobody out [III.G]", async () => {
  const folder = join(place, 'stale');
  mkdirSync(folder);
  writeFileSync(join(folder, 'control.pid'), String(process.pid));
  const killed = start('stale');
  await until('the address', killed.address);
  killed.child.kill('SIGKILL');
  await killed.ended;
  writeFileSync(join(folder, 'control.pid'), String(process.pid));
  const again = start('stale');
  await until('the address', again.address);
  again.child.kill('SIGTERM');
  assert.equal(await again.ended, 0, again.said.err);
});
