import { strict as assert } from 'node:assert';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { type Disk, realDisk } from '../../src/files/disk.js';
import { openJournal } from '../../src/files/journal.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('journal');
const folder = mkdtempSync(join(tmpdir(), 'platestream-journal-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.jsonl`);

interface Entry {
  readonly n: number;
}
const upTo = (count: number, from = 1) => Array.from({ length: count }, (_, i) => i + from);

async function entriesOf(file: string): Promise<number[]> {
  const found: number[] = [];
  await openJournal<Entry>(file, ({ n }) => found.push(n)).close();
  return found;
}

/** The real disk, but what `fails` says fails; a failed write leaves half of its bytes. */
function failingDisk(fails: (call: 'write' | 'datasync') => boolean): Disk & { syncs: number } {
  const eio = () => Object.assign(new Error('EIO'), { code: 'EIO' });
  return {
    ...realDisk,
    syncs: 0,
    async write(handle, bytes, position) {
      if (!fails('write')) return realDisk.write(handle, bytes, position);
      await realDisk.write(handle, bytes.subarray(0, bytes.length >> 1), position);
      throw eio();
    },
    async datasync(handle) {
      this.syncs += 1;
      if (fails('datasync')) throw eio();
      return realDisk.datasync(handle);
    },
  };
}

test('what was appended is there after a restart, whatever a torn last line looks like', async () => {
  const file = newFile();
  const journal = openJournal<Entry>(file, () => {});
  for (const n of upTo(3)) await journal.append({ n });
  await journal.close();
  for (const tail of ['', 'dead', 'deadbeef {"n":', 'deadbeef {"n":4}\n', 'deadbeef [{"n":4},\0\0\0']) {
    appendFileSync(file, tail);
    assert.deepEqual(await entriesOf(file), [1, 2, 3]);
  }
  const again = openJournal<Entry>(file, () => {});
  await again.append({ n: 4 });
  await again.close();
  assert.deepEqual(await entriesOf(file), [1, 2, 3, 4]);
});

test('damage before the last line is refused, naming the line', async () => {
  const file = newFile();
  const journal = openJournal<Entry>(file, () => {});
  for (const n of upTo(3)) await journal.append({ n });
  await journal.close();
  const lines = readFileSync(file, 'utf8').split('\n');
  lines[0] = (lines[0] as string).replace('1}', '7}');
  writeFileSync(file, lines.join('\n'));
  await assert.rejects(entriesOf(file), /line 1 is damaged/);
});

test('a journal of an earlier version, one entry a line, is read and continued', async () => {
  const file = newFile();
  const line = (body: string) => `${crc32(body).toString(16).padStart(8, '0')} ${body}\n`;
  writeFileSync(file, line('{"n":1}') + line('{"n":2}'));
  const journal = openJournal<Entry>(file, () => {});
  await journal.append({ n: 3 });
  await journal.close();
  assert.deepEqual(await entriesOf(file), [1, 2, 3]);
});

test('entries that come together share a sync; each is on the disk before it is acknowledged, in order', async () => {
  const file = newFile();
  const disk = failingDisk(() => false);
  const journal = openJournal<Entry>(file, () => {}, { disk });
  const acknowledged: number[] = [];
  const all = upTo(200).map(async (n) => {
    await journal.append({ n });
    assert.ok(readFileSync(file, 'utf8').includes(`{"n":${n}}`));
    acknowledged.push(n);
  });
  assert.equal(journal.waiting, 200);
  await Promise.all(all);
  assert.deepEqual(acknowledged, upTo(200));
  assert.equal(disk.syncs, 1);
  await Promise.all(upTo(1000, 201).map((n) => journal.append({ n })));
  assert.equal(disk.syncs, 3, 'and no more than 512 share one');
  await journal.close();
  assert.deepEqual(await entriesOf(file), upTo(1200));
});

test('a disk that fails: what waits is held and acknowledged to nobody; when it works again all is there, in order', async () => {
  const file = newFile();
  let fails: 'write' | 'datasync' | null = null;
  const journal = openJournal<Entry>(file, () => {}, { disk: failingDisk((call) => call === fails), writeAgainMs: 1 });
  await journal.append({ n: 0 });
  let next = 1;
  for (const call of ['datasync', 'write'] as const) {
    fails = call;
    let acknowledged = 0;
    const held = upTo(5, next).map((n) => journal.append({ n }).then(() => (acknowledged += 1)));
    next += 5;
    await until('the failure', () => journal.problem);
    assert.match(journal.problem ?? '', /jsonl fails with EIO/);
    assert.deepEqual([acknowledged, journal.waiting], [0, 5]);
    fails = null;
    await Promise.all(held);
    assert.deepEqual([journal.problem, journal.waiting], [null, 0]);
  }
  await journal.close();
  assert.deepEqual(await entriesOf(file), upTo(11, 0));
});

test('closed while the disk fails, it ends, and what waits is told that it was not kept', async () => {
  const file = newFile();
  let isBroken = false;
  const journal = openJournal<Entry>(file, () => {}, { disk: failingDisk(() => isBroken) });
  await journal.append({ n: 1 });
  isBroken = true;
  const lost = journal.append({ n: 2 });
  const settled = journal.settled();
  await until('the failure', () => journal.problem);
  await Promise.all([journal.close(), assert.rejects(lost, /EIO/), assert.rejects(settled, /EIO/)]);
  await assert.rejects(journal.append({ n: 3 }), /closed/);
  assert.deepEqual(await entriesOf(file), [1]);
});

/** Bursts of entries on a disk that fails at random; then the power goes, and of what was not acknowledged any part may be torn. */
const bursts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), waits: fc.boolean() }), { maxLength: 12 });
const failures = fc.infiniteStream(fc.nat({ max: 3 }));
const tear = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), zeros: fc.nat({ max: 40 }) });

test('whatever fails and wherever the power goes: all that was acknowledged is there, in order, and nothing out of order', async () => {
  await fc.assert(
    fc.asyncProperty(bursts, failures, tear, async (plan, failing, torn) => {
      const file = newFile();
      const disk = failingDisk(() => failing.next().value === 0);
      const journal = openJournal<Entry>(file, () => {}, { disk, writeAgainMs: 0 });
      let [appended, acknowledged] = [0, 0];
      for (const { size, waits } of plan) {
        const burst = upTo(size, appended + 1).map(async (n) => {
          await journal.append({ n });
          assert.equal(n, acknowledged + 1);
          acknowledged = n;
        });
        appended += size;
        // The next burst comes while this one waits.
        if (waits) await Promise.all(burst);
      }
      const [content, known] = [readFileSync(file), acknowledged];
      await journal.settled();
      await journal.close();
      assert.deepEqual(await entriesOf(file), upTo(appended));
      writeFileSync(file, tornTail(content, known, torn));
      const found = await entriesOf(file);
      assert.deepEqual(found, upTo(found.length));
      assert.ok(found.length >= known, `${known} acknowledged, ${found.length} found`);
      rmSync(file);
    }),
    { numRuns: 300 },
  );
});

/** Zeros somewhere, or an end somewhere, behind the line that holds the last acknowledged entry. */
function tornTail(content: Buffer, acknowledged: number, { at, zeros }: { at: number; zeros: number }): Buffer {
  const known = acknowledged === 0 ? 0 : content.indexOf('\n', content.indexOf(`{"n":${acknowledged}}`)) + 1;
  const from = known + Math.floor(at * (content.length - known));
  if (zeros === 0) return content.subarray(0, from);
  return Buffer.from(content.fill(0, from, Math.min(content.length, from + zeros)));
}
