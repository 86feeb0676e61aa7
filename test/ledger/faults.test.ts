import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Disk, realDisk } from '../../src/files/disk.js';
import { openLedger } from '../../src/ledger/open.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { ManualClock } from '../../src/observe/clock.js';
import { suite } from '../support/suite.js';
import { ledgerIn, must, note, optionsIn, removeFolder, temporaryFolder } from './support.js';

const { test, skip } = suite('a failing disk (T14)');

/** A real disk until told which call fails how. */
function breakable(): Disk & { broken: Partial<Record<keyof Disk, string>>; calls: Record<string, number> } {
  const broken: Partial<Record<keyof Disk, string>> = {};
  const calls: Record<string, number> = {};
  const guard = (name: keyof Disk) => {
    calls[name] = (calls[name] ?? 0) + 1;
    const code = broken[name];
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  const guarded =
    <Args extends unknown[], Value>(name: keyof Disk, call: (...args: Args) => Promise<Value>) =>
    async (...args: Args) => {
      guard(name);
      return call(...args);
    };
  return {
    broken,
    calls,
    open: guarded('open', realDisk.open),
    write: async (file, bytes, position) => {
      if (broken.write !== undefined) await realDisk.write(file, bytes.subarray(0, bytes.length >> 1), position);
      guard('write');
      await realDisk.write(file, bytes, position);
    },
    datasync: guarded('datasync', realDisk.datasync),
    truncate: guarded('truncate', realDisk.truncate),
    rename: guarded('rename', realDisk.rename),
    remove: guarded('remove', realDisk.remove),
    syncFolder: guarded('syncFolder', realDisk.syncFolder),
    close: (file) => realDisk.close(file),
  };
}

test('a failed fdatasync poisons the ledger: never synced again, everything refused AUDIT_UNAVAILABLE [III.G]', async () => {
  const dir = temporaryFolder();
  const disk = breakable();
  const options = optionsIn(dir, { disk });
  const ledger = must(await openLedger(options));
  disk.broken.datasync = 'EIO';
  const answers = await Promise.all([ledger.append(note('a')), ledger.append(note('b'))]);
  assert.ok(answers.every((a) => !a.ok && a.error.code === 'AUDIT_UNAVAILABLE' && a.error.status === 503));
  const syncs = disk.calls['datasync'];
  delete disk.broken.datasync;
  const later = await ledger.append(note('c'));
  assert.ok(!later.ok && later.error.code === 'AUDIT_UNAVAILABLE');
  assert.equal(ledger.notRecorded, 3, 'each of them is counted');
  assert.equal(ledger.waiting, 0);
  await ledger.close();
  assert.equal(disk.calls['datasync'], syncs, 'never synced again');
  await must(await openLedger(options)).close();
  assert.equal(verifyLedger(dir).ok, true);
  removeFolder(dir);
});

test('a full disk refuses AUDIT_DISK_FULL, leaves no half record, and goes on when there is room [III.G]', async () => {
  const dir = temporaryFolder();
  const disk = breakable();
  const ledger = await ledgerIn(dir, { disk });
  disk.broken.write = 'ENOSPC';
  const refused = await ledger.append(note('no room'));
  assert.ok(!refused.ok && refused.error.code === 'AUDIT_DISK_FULL' && refused.error.status === 507);
  delete disk.broken.write;
  must(await ledger.append(note('room again')));
  await ledger.close();
  assert.deepEqual([verifyLedger(dir).ok, verifyLedger(dir).records], [true, 2]);
  removeFolder(dir);
});

for (const code of ['EROFS', 'EIO', 'EMFILE']) {
  test(`a write that fails with ${code} refuses and loses nothing acknowledged`, async () => {
    const dir = temporaryFolder();
    const disk = breakable();
    const options = optionsIn(dir, { disk });
    const ledger = must(await openLedger(options));
    must(await ledger.append(note('kept')));
    disk.broken.write = code;
    const refused = await ledger.append(note('lost'));
    assert.ok(!refused.ok && refused.error.sentence.includes(code));
    await ledger.close();
    delete disk.broken.write;
    await must(await openLedger(options)).close();
    assert.equal(verifyLedger(dir).records, 3);
    removeFolder(dir);
  });
}

const mountable = process.getuid?.() === 0 && process.platform === 'linux';
const full = 'a real file system of 1 MiB fills up: refused, then continued after space was freed [III.G]';
const mountPoint = temporaryFolder();
if (!mountable || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mountPoint]).status !== 0) {
  skip(full, 'mounting a small tmpfs needs root');
} else {
  test(full, async () => {
    try {
      const dir = join(mountPoint, 'ledger');
      mkdirSync(dir);
      const ledger = await ledgerIn(dir, { segmentBytes: 1 << 16 });
      let acknowledged = 1;
      for (;;) {
        const answer = await ledger.append(note('x'.repeat(3000)));
        if (!answer.ok) {
          assert.equal(answer.error.code, 'AUDIT_DISK_FULL');
          break;
        }
        acknowledged += 1;
      }
      spawnSync('mount', ['-o', 'remount,size=4m', mountPoint]);
      must(await ledger.append(note('after')));
      await ledger.close();
      const verdict = verifyLedger(dir);
      assert.deepEqual([verdict.ok, verdict.records], [true, acknowledged + 1]);
    } finally {
      spawnSync('umount', [mountPoint]);
      removeFolder(mountPoint);
    }
  });
}

test('a clock that jumps back or forth is written down and breaks nothing (T15)', async () => {
  const dir = temporaryFolder();
  const clock = new ManualClock();
  const options = optionsIn(dir, { clock });
  const ledger = must(await openLedger(options));
  clock.jump(-3_600_000);
  assert.equal(must(await ledger.append(note('back'))).clock_offset_ms, -3_600_000);
  clock.jump(2 * 3_600_000);
  assert.equal(must(await ledger.append(note('forth'))).clock_offset_ms, 3_600_000);
  await ledger.close();
  clock.jump(-10 * 3_600_000);
  const again = must(await openLedger(options));
  const behind: unknown[] = [];
  again.replay(4, (record) => void behind.push((record.request as Record<string, unknown>)['clock_behind_ms']));
  assert.deepEqual(behind, [10 * 3_600_000]);
  await again.close();
  assert.equal(verifyLedger(dir).ok, true);
  removeFolder(dir);
});
