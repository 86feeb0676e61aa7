import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { evidenceDigest } from '../../src/store/bulk_row.js';
import { openImagePacks } from '../../src/store/images.js';
import { walkPack } from '../../src/store/pack_reading.js';
import { scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('image packs');
const scratch = scratchFolder();
after(() => scratch.remove());
const atMs = Date.UTC(2026, 4, 1, 12);

test('a changed byte of an image is found at the next look, and a walk finds every record again [IV.D.1]', async () => {
  const packs = openImagePacks(scratch.path, { bytesMax: 1 << 20, packBytesMax: 1 << 18 });
  const first = await packs.append(someRead(1, 'AA11AA', atMs));
  const second = await packs.append(someRead(2, 'BB22BB', atMs));
  assert.equal(await packs.append(someRead(2, 'BB22BB', atMs)), second, 'the same evidence is kept once');
  await packs.sync([first, second].flatMap((one) => one ?? []));
  assert.ok(first && second);
  assert.ok((await packs.load(second, 'vehicle')).ok);
  const file = join(scratch.path, '2026-05-01', '000001.pack');
  assert.equal(await walkPack(file), [
    { offset: 0, readId: 'boot-north-1' },
    { offset: second.offset, readId: 'boot-north-2' },
  ]);
  const bytes = readFileSync(file);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(file, bytes);
  assert.equal(await packs.load(second, 'plate'), { ok: false, error: 'DAMAGED' });
  assert.ok((await packs.load(first, 'plate')).ok);
  assert.equal(await packs.load({ ...first, day: '../../etc' }, 'plate'), { ok: false, error: 'NOT_FOUND' });
  await packs.close();
});

test('beyond its cap a pack store keeps what it has and counts what it refuses', async () => {
  const packs = openImagePacks(join(scratch.path, 'small'), { bytesMax: 500, packBytesMax: 1 << 18 });
  const kept = await packs.append(someRead(1, 'AA11AA', atMs));
  assert.is(await packs.append(someRead(2, 'BB22BB', atMs)), null);
  assert.is(packs.refused, 1);
  assert.ok(kept && (await packs.load(kept, 'plate')).ok);
  await packs.close();
});

test('the row is bound to its images: another image is another digest', () => {
  const read = someRead(1, 'AA11AA', atMs);
  const other = { ...read, evidence: someRead(2, 'AA11AA', atMs).evidence };
  assert.is.not(evidenceDigest(read), evidenceDigest(other));
});
