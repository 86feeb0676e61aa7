import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from '../../src/files/journal.js';
import { packagePath } from '../../src/package_root.js';
import { seededRandom } from '../../src/simulator/scenes/random.js';
import { childrenOf } from '../../src/sizing/process_use.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { openWarehouse } from '../../src/store/clickhouse.js';
import { demoClient } from '../support/api_client.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

/**
 * A run that counts: the real program with simulated cameras is killed, its disk is filled and freed, its clock stepped, at random; then
 * what was acknowledged is compared with what is there. `PLATESTREAM_LONG=1` has 200 rounds of 50 reads each; `SURVIVE_SEED` repeats a run.
 */
const isLong = process.env['PLATESTREAM_LONG'] === '1';
const [rounds, readsEach, cameras] = isLong ? [200, 50, '12'] : [10, 1, '2'];
const seed = Number(process.env['SURVIVE_SEED'] ?? Date.now() % 1_000_000);
const minute = 60_000;
const { test, after } = suite('survive');
const scratch = mkdtempSync(join(tmpdir(), 'ps-survive-'));
const ends: (() => unknown)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
  rmSync(scratch, { recursive: true, force: true });
});

/** A small disk of its own at `path`; `null` where this machine lets nobody mount one. */
function smallDisk(path: string, megabytes: number): string | null {
  mkdirSync(path, { recursive: true });
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path]);
  if (mounted.status !== 0) return null;
  ends.push(() => spawnSync('umount', ['-l', path]));
  return path;
}

/** Takes all room there is. @returns how to give it back */
async function fill(disk: string): Promise<() => void> {
  const file = join(disk, 'filler');
  await new Promise<void>((resolve) => {
    const out = createWriteStream(file);
    const more = Buffer.alloc(1 << 20);
    const next = () => out.write(more, (error) => (error ? resolve() : next()));
    out.on('error', () => resolve());
    next();
  });
  assert.ok(statfsSync(disk).bfree < 256, 'the disk is full');
  return () => rmSync(file, { force: true });
}

/** What the program told, as it was told. */
class Tap {
  readonly folder: string;
  readonly alerts = new Set<string>();
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    this.step(0);
  }
  step(ms: number): void {
    writeFileSync(join(this.folder, 'clock'), String(ms));
  }
  ids(file: 'told' | 'kept'): Set<string> {
    const path = join(this.folder, file);
    return new Set(existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []);
  }
}

interface Running {
  readonly child: ChildProcess;
  readonly address: string;
}

async function start(dataDir: string, tap: Tap): Promise<Running> {
  const args = ['demo', '--json', '--port', '0', '--cameras', cameras, '--data-dir', dataDir];
  const preload = packagePath('dist', 'test', 'support', 'survive_tap.js');
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), ...args], {
    env: { ...process.env, NODE_OPTIONS: `--import ${preload}`, SURVIVE_TAP: tap.folder },
  });
  ends.push(() => child.kill('SIGKILL'));
  let said = '';
  let out = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  child.stdout.on('data', (chunk) => {
    const lines = (out + chunk).split('\n');
    out = lines.pop() ?? '';
    for (const line of lines) {
      const id = (JSON.parse(line) as { alert?: { id: string } }).alert?.id;
      if (id !== undefined) tap.alerts.add(id);
    }
  });
  const found = () =>
    /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? (child.exitCode === null ? null : `ended: ${said}`);
  const address = await until('the program to start', found, 2 * minute);
  assert.match(address, /^http/, said);
  return { child, address };
}

async function end({ child }: Running, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await gone;
}

const killed = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
};

/** What can happen in a round. */
type Blow = (program: Running, tap: Tap, disk: string | null, random: () => number) => Promise<void>;
const killEngines: Blow = async ({ child }) => childrenOf(child.pid as number).forEach(killed);
const killControl: Blow = (program) => end(program, 'SIGKILL');
const blows: Readonly<Record<string, Blow>> = {
  'control killed': killControl,
  'engine killed': killEngines,
  'both killed': async (...all) => {
    await killEngines(...all);
    await killControl(...all);
  },
  'disk full': async (_program, tap, disk) => {
    if (disk === null) return;
    const free = await fill(disk);
    const told = tap.ids('told').size;
    await until('a read to be told while the disk is full', () => tap.ids('told').size > told, 2 * minute);
    free();
  },
  'disk full, control killed': async (program, tap, disk) => {
    if (disk === null) return;
    const free = await fill(disk);
    const told = tap.ids('told').size;
    await until('a read to be told while the disk is full', () => tap.ids('told').size > told, 2 * minute);
    await killControl(program, tap, disk, Math.random);
    free();
  },
  'clock stepped': async (_program, tap, _disk, random) => tap.step(Math.round((random() - 0.5) * 20_000)),
};

async function scrape({ address }: Running): Promise<Scrape> {
  return new Scrape(await (await fetch(`${address}/metrics`)).text());
}

const reason = {
  basis: 'criminal_investigation',
  facts: 'a witness saw a van pass the invented warehouse on Example Street',
  caseNo: '26-0001',
};

/** Every row a search finds, by the analyst, page after page; a supervisor agrees to each, because it is for all plates [IV.A.5]. */
async function searched({ address }: Running): Promise<string[]> {
  const [analyst, supervisor] = [await demoClient(address, 'analyst'), await demoClient(address, 'supervisor')];
  const toMs = Date.now() + minute;
  const asked = { kind: 'reads', fromMs: toMs - 24 * 60 * minute, toMs, pageRows: 1_000 };
  const found: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const criteria = { ...asked, ...(cursor && { cursor }) };
    const waits = (await analyst.post('/api/searches', { reason, criteria })).body['cosign'];
    assert.ok(waits, 'a search for all plates needs agreement');
    const { access, sequence } = waits as { access: unknown; sequence: number };
    await supervisor.did('search.cosign', { forUser: 'analyst', access, why: 'to count what was kept' });
    const { status, body } = await analyst.post('/api/searches', { reason, cosigned: sequence });
    assert.equal(status, 200, JSON.stringify(body));
    found.push(...(body['rows'] as { readId: string }[]).map(({ readId }) => readId));
    cursor = (body['end'] as { cursor: string | null }).cursor;
  }
  return found;
}

async function stored(dataDir: string): Promise<string[]> {
  const nobody = { user: 'default', password: '' };
  const warehouse = await openWarehouse({
    url: 'embedded',
    embeddedFolder: join(dataDir, 'store', 'clickhouse'),
    writer: nobody,
    searcher: nobody,
    searchSecondsMax: 60,
    searchMemoryBytesMax: 1 << 30,
    threadsMax: 2,
    requestMsMax: minute,
  });
  const rows = await warehouse.query<{ id: string }>(
    "SELECT concat(pass_run, '-', toString(pass_number)) AS id FROM platestream.reads",
  );
  await warehouse.close();
  return rows.map(({ id }) => id);
}

function journalled(dataDir: string): { id: string; read: string }[] {
  const found: { id: string; read: string }[] = [];
  type Entry = { id?: string; match?: { read: { id: string }; entry: { entryId: string } } };
  const journal = openJournal<Entry>(join(dataDir, 'alerts', 'alerts.jsonl'), ({ id, match }) => {
    if (id !== undefined && match) found.push({ id, read: `${match.read.id} ${match.entry.entryId}` });
  });
  void journal.close();
  return found;
}

const twice = (all: readonly string[]) => all.filter((one, at) => all.indexOf(one) !== at);
const without = (all: Iterable<string>, there: Iterable<string>) => {
  const known = new Set(there);
  return [...all].filter((one) => !known.has(one));
};

async function survive(name: string, diskOf: (dataDir: string) => string | null): Promise<void> {
  const random = seededRandom(seed);
  const dataDir = join(scratch, name, 'data');
  mkdirSync(dataDir, { recursive: true });
  const tap = new Tap(join(scratch, name, 'tap'));
  const disk = diskOf(dataDir);
  process.stdout.write(
    `survive (${name}): seed ${seed}, ${rounds} rounds${disk ? '' : ', no disk of its own: none is filled'}\n`,
  );
  let program = await start(dataDir, tap);
  const names = Object.keys(blows);
  for (let round = 1; round <= rounds; round += 1) {
    const kept = tap.ids('kept').size;
    await until('reads to be kept', () => tap.ids('kept').size >= kept + readsEach, 10 * minute);
    await new Promise((resolve) => setTimeout(resolve, random() * 1_500));
    const blow = names[Math.floor(random() * names.length)] as string;
    process.stdout.write(`round ${round}: ${blow}; ${tap.ids('kept').size} reads kept, ${tap.alerts.size} alerts\n`);
    await blows[blow]?.(program, tap, disk, random);
    if (program.child.exitCode !== null || program.child.signalCode !== null) program = await start(dataDir, tap);
  }
  tap.step(0);
  const kept = [...tap.ids('kept')];
  await until(
    'nothing to wait for the store',
    async () => {
      const now = await scrape(program);
      const spooled = now.sum('platestream_engine_reports_spooled') + now.sum('platestream_store_spool_reads');
      return spooled === 0;
    },
    5 * minute,
  );
  const found = await searched(program);
  assert.deepEqual(without(kept, found), [], 'kept, and found by no search');
  assert.deepEqual(twice(found), [], 'found twice');
  await end(program, 'SIGTERM');
  const rows = await stored(dataDir);
  assert.deepEqual(without(tap.ids('kept'), rows), [], 'kept, and not in the store');
  assert.deepEqual(without(rows, tap.ids('told')), [], 'in the store, and never told');
  assert.deepEqual(twice(rows), [], 'stored twice');
  const alerts = journalled(dataDir);
  assert.deepEqual(
    without(
      tap.alerts,
      alerts.map(({ id }) => id),
    ),
    [],
    'alerts shown, and not in the journal',
  );
  assert.deepEqual(twice(alerts.map(({ read }) => read)), [], 'alerts raised twice');
  process.stdout.write(
    `survive (${name}): ${tap.ids('kept').size} reads acknowledged, ${rows.length} rows, ${alerts.length} alerts; 0 lost, 0 doubled\n`,
  );
}

const timeoutMs = isLong ? 12 * 60 * minute : 15 * minute;
test(
  `kills, a full disk and a stepped clock, ${rounds} times: what was acknowledged is there, once [IV.D.1]`,
  () => survive('data', (dataDir) => smallDisk(dataDir, 512)),
  { timeoutMs },
);

if (isLong)
  test(
    'the same where only the parts of the bulk store have a small disk',
    () => survive('parts', (dataDir) => smallDisk(join(dataDir, 'store', 'clickhouse'), 192)),
    { timeoutMs },
  );
