import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/observe/clock.js';
import { storeSettings } from '../../src/store/settings.js';
import { openStore, type Store } from '../../src/store/store.js';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { found, registry, scratchFolder, someRead, testReceipt } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after, skip } = suite('store, in trouble');
const scratch = scratchFolder();
after(() => scratch.remove());
const atMs = Date.now() - 3_600_000;

async function open(dataDir: string, settings: object = {}): Promise<Store> {
  const parts = { clock: systemClock, dataDir, cameraRegistry: registry };
  const opened = await openStore(storeSettings.parse({ batch: { ageMsMax: 20 }, ...settings }), parts);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

test('a part whose bytes were changed is set aside, seen, and no answer claims to be complete [IV.B.1.a(3)]', async () => {
  const dataDir = join(scratch.path, 'corrupt');
  const first = await open(dataDir);
  await Promise.all(Array.from({ length: 50 }, (_, i) => first.append(someRead(i, `CP${i}X`, atMs + i))));
  assert.ok(await first.flush(120_000));
  await first.close();
  const store = join(dataDir, 'store', 'clickhouse');
  const files = readdirSync(store, { recursive: true, encoding: 'utf8' });
  const damaged = files.filter((name) => /\/\d{8}_\d+_\d+_\d+\/(data|plate)\.(bin|cmrk\w*|mrk\w*)$/.test(name));
  assert.ok(damaged.length > 0, 'there is a part to damage');
  for (const name of damaged) {
    const bytes = readFileSync(join(store, name));
    bytes.fill(0x5a, 0, Math.min(64, bytes.length));
    writeFileSync(join(store, name), bytes);
  }
  const second = await open(dataDir);
  try {
    const { end } = await found(second, { kind: 'reads', wildcard: 'CP1*', fromMs: atMs - 1, toMs: atMs + 1_000 });
    assert.ok(end.kind === 'failed' || !end.complete, 'never a short list that looks whole');
    if (end.kind === 'end') assert.match(second.health().why ?? '', /damaged/);
    await second.append(someRead(900, 'AFTER11', Date.now() + 1_000));
    assert.ok(await second.flush(120_000), 'new reads are taken all the same');
    const fresh = await found(second, { kind: 'reads', plate: 'AFTER11' });
    assert.ok(fresh.end.kind === 'failed' || fresh.rows.length === 1);
  } finally {
    await second.close();
  }
});

test('a store opened again and again stores each batch: no token comes twice, though the spool is empty each time', async () => {
  const again = join(scratch.path, 'again');
  for (let opening = 0; opening < 3; opening += 1) {
    const store = await open(again);
    await store.append(someRead(opening, `OPEN${opening}X`, Date.now() + 60_000));
    assert.ok(await store.flush(120_000));
    await store.close();
  }
  const store = await open(again);
  const { rows } = await found(store, { kind: 'reads', wildcard: 'OPEN?X' });
  await store.close();
  assert.is(rows.length, 3);
});

test('a store slower than its client waits is asked again, and nothing is stored twice; alerts do not wait for it', async () => {
  const folder = join(scratch.path, 'slow-engine');
  mkdirSync(folder);
  const front = await startClickhouseFront(folder);
  const store = await open(join(scratch.path, 'slow'), { url: front.url, requestMsMax: 500 });
  try {
    for (let i = 0; i < 2; i += 1) front.inject('slow', (sql) => sql.startsWith('INSERT INTO platestream.reads'));
    await store.append(someRead(1, 'SLOW11', atMs));
    assert.is(store.stats().stored, 0, 'acknowledged from the spool, not from the slow store');
    assert.ok(await store.flush(120_000));
    assert.ok(store.stats().retries > 0);
    assert.is((await found(store, { kind: 'reads', plate: 'SLOW11' })).rows.length, 1);
    front.inject('slow', (sql) => sql.includes('FROM platestream.reads WHERE captured_at >'));
    const { end } = await found(store, { kind: 'reads', plate: 'SLOW11' });
    assert.is(end.kind === 'failed' && end.code, 'STORE_UNAVAILABLE');
  } finally {
    await store.close();
    await front.close();
  }
});

const mountable = process.getuid?.() === 0 && process.platform === 'linux';

for (const place of ['spool', 'images']) {
  const full = `on a full disk (${place}) reads wait and are not acknowledged; once there is room all are stored, once, each with its pictures`;
  const dataDir = join(scratch.path, `full-${place}`);
  const disk = join(dataDir, 'store', place);
  mkdirSync(disk, { recursive: true });
  if (!mountable || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status !== 0) {
    skip(full, 'mounting a small tmpfs needs root');
    continue;
  }
  test(full, async () => {
    const ballast = join(disk, 'ballast');
    const store = await open(dataDir);
    try {
      writeFileSync(ballast, Buffer.alloc(1_000_000));
      let acknowledged = 0;
      const appends = Array.from({ length: 2_000 }, (_, i) =>
        store.append(someRead(i, `FD${i}X`, atMs + i, { imageBytes: 8 })).then(() => {
          acknowledged += 1;
        }),
      );
      await until('the disk to refuse', () => store.stats().failure !== null);
      assert.ok(acknowledged < 2_000, `${acknowledged}`);
      rmSync(ballast);
      await Promise.all(appends);
      assert.ok(await store.flush(120_000));
      const window = { fromMs: atMs - 1, toMs: atMs + 3_600_000 };
      const { rows } = await found(store, { kind: 'hours', wildcard: 'FD*', ...window });
      const sum = (key: 'reads' | 'plates') =>
        rows.reduce((total, row) => total + (row.kind === 'hour' ? row[key] : 0), 0);
      assert.equal([sum('reads'), sum('plates')], [2_000, 2_000]);
      const { rows: reads } = await found(store, { kind: 'reads', wildcard: 'FD*', ...window, pageRows: 1_000 });
      for (const row of reads) {
        assert.ok(row.kind === 'read' && row.image);
        assert.ok((await store.image(testReceipt, row.image, 'vehicle')).ok, row.readId);
      }
    } finally {
      await store.close();
      spawnSync('umount', [disk]);
    }
  });
}
