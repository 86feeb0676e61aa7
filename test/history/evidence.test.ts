import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { packageContent, zipPackage } from '../../src/evidence/package.js';
import { rootFrom, verifyPackage } from '../../src/evidence/verify.js';
import { createDisclosures, type ReleasedPackage } from '../../src/history/disclosure.js';
import { levelsOf, pathOf, proveInclusion } from '../../src/ledger/inclusion.js';
import { MerkleFrontier } from '../../src/ledger/merkle.js';
import { packagePath } from '../../src/package_root.js';
import { minuteMs, must } from '../policy/world.js';
import { someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { type HistoryWorld, historyWorld } from './world.js';

const { test, before, after } = suite('evidence');
let world: HistoryWorld;
let released: ReleasedPackage;
let elsewhere: string;
const caseNo = 'CR 26/0107';
const order = {
  kind: 'da_discovery',
  recipient: 'District Attorney',
  purpose: 'mandatory discovery',
  docketNo: '26-CR-17',
  caseNo,
};

before(async () => {
  world = await historyWorld();
  elsewhere = mkdtempSync(join(tmpdir(), 'platestream-elsewhere-'));
  const nowMs = world.clock.nowMs();
  for (let i = 0; i < 3; i += 1) {
    const picture = async (width: number) =>
      new Uint8Array(
        await sharp({ create: { width, height: 20 + i, channels: 3, background: '#246' } })
          .jpeg()
          .toBuffer(),
      );
    const [vehicle, plate] = [await picture(90), await picture(40)];
    const evidence = {
      vehicle,
      plate,
      vehicleSha256: hash('sha256', vehicle, 'hex'),
      plateSha256: hash('sha256', plate, 'hex'),
    };
    await world.store.append({ ...someRead(i, `EV${i}77A`, nowMs - i * minuteMs), evidence });
  }
  assert.ok(await world.store.flush(120_000));
  await world.did('op', 'hold.open', { caseNo, readIds: ['boot-north-0', 'boot-north-1'], why: 'witness saw it' });
  const kept = await world.store.held.preserve(caseNo, ['boot-north-0', 'boot-north-1', 'boot-north-99']);
  assert.deepEqual(kept, { preserved: 2, missing: ['boot-north-99'] });
});
after(async () => {
  await world.close();
  rmSync(elsewhere, { recursive: true, force: true });
});

const disclosures = () => createDisclosures({ governance: world.governance, ledger: world.ledger, store: world.store });

function unpack(change: (files: Record<string, Uint8Array>) => void = () => {}): string {
  const files = unzipSync(released.zip);
  change(files);
  const folder = mkdtempSync(join(elsewhere, 'package-'));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}

test('only the records unit releases, to whom the rules allow, and what was preserved for a case [IV.D.3] [IV.F.2]', async () => {
  const code = async (userId: string, change: object = {}) => {
    const answer = await disclosures().release(world.as(userId), { ...order, ...change });
    return answer.ok ? 'released' : answer.error.code;
  };
  assert.equal(await code('op'), 'ROLE_REQUIRED');
  assert.equal(await code('rec', { docketNo: null }), 'LEGAL_PROCESS_REQUIRED');
  assert.equal(await code('rec', { kind: 'agency', agencyId: 'next-town' }), 'MOU_REQUIRED');
  assert.equal(await code('rec', { caseNo: '99-1' }), 'NOT_FOUND');
  assert.equal(await code('rec', { packageSha256: '0'.repeat(64) }), 'INPUT_INVALID');
  released = must(await disclosures().release(world.as('rec'), order));
  assert.equal(world.governance.state().disclosures.size, 1);
});

test('a package made here is whole elsewhere, zipped or unpacked, by the command line without any system [IV.D.3] [IV.D.1]', () => {
  const zip = join(elsewhere, released.name);
  writeFileSync(zip, released.zip);
  const key = join(elsewhere, 'key.pem');
  writeFileSync(key, readFileSync(join(world.dir, 'ledger.pub')));
  for (const given of [zip, unpack()]) {
    const { status, stdout } = spawnSync(
      process.execPath,
      [packagePath('bin', 'platestream.js'), 'evidence', 'verify', given, '--json', '--public-key', key],
      { encoding: 'utf8', cwd: elsewhere },
    );
    const verdict = JSON.parse(stdout);
    assert.deepEqual(
      [status, verdict.ok, verdict.caseNo, verdict.reads, verdict.images, verdict.firstBad],
      [0, true, caseNo, 2, 4, null],
      stdout,
    );
    assert.ok(verdict.records >= 3);
  }
});

test('each part that is altered, missing, added or swapped is named [IV.D.3] [IV.B.1.a(3)]', () => {
  const flip = (name: string) => (files: Record<string, Uint8Array>) => {
    const bytes = Buffer.from(files[name] as Uint8Array);
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] as number) ^ 1;
    files[name] = bytes;
  };
  const names = Object.keys(unzipSync(released.zip));
  assert.ok(names.length >= 9);
  for (const name of names) {
    const altered = verifyPackage(unpack(flip(name)));
    assert.ok(!altered.ok, name);
    const expected = name.startsWith('ledger/') ? /^ledger\// : new RegExp(`^${name}$`);
    assert.match(altered.firstBad?.what ?? '', expected, `${name}: ${altered.firstBad?.sentence}`);
    const missing = verifyPackage(
      unpack((files) => {
        delete files[name];
      }),
    );
    assert.ok(!missing.ok && missing.firstBad?.what === name, name);
  }
  const added = verifyPackage(
    unpack((files) => {
      files['images/9999-vehicle.jpg'] = Buffer.from('x');
    }),
  );
  assert.equal(added.firstBad?.what, 'images/9999-vehicle.jpg');
});

test('a package remade around a changed read is not the one that was released; another key is another signer [IV.D.3]', () => {
  const forged = unpack((files) => {
    const reads = Buffer.from(files['reads.jsonl'] as Uint8Array)
      .toString()
      .replaceAll('EV077A', 'EV877A');
    files['reads.jsonl'] = Buffer.from(reads);
    const manifest = JSON.parse(Buffer.from(files['manifest.json'] as Uint8Array).toString());
    manifest.files['reads.jsonl'] = hash('sha256', reads, 'hex');
    files['manifest.json'] = Buffer.from(JSON.stringify(manifest));
  });
  assert.match(verifyPackage(forged).firstBad?.sentence ?? '', /no release of a package with its digest/);
  const recipient = unpack((files) => {
    const manifest = JSON.parse(Buffer.from(files['manifest.json'] as Uint8Array).toString());
    files['manifest.json'] = Buffer.from(JSON.stringify({ ...manifest, recipient: 'Somebody Else' }));
  });
  assert.match(verifyPackage(recipient).firstBad?.sentence ?? '', /no release of a package with its digest/);
  const otherKey =
    '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n';
  assert.match(verifyPackage(unpack(), otherKey).firstBad?.sentence ?? '', /another key/);
});

test('even with a release on record, a text that is not the one read from the pictures is found, and so is a read of no case [IV.B.1.a(3)] [IV.F.2]', async () => {
  const stored = unzipSync(released.zip);
  const [read] = Buffer.from(stored['reads.jsonl'] as Uint8Array)
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const [vehicle, plate] = [stored['images/0001-vehicle.jpg'], stored['images/0001-plate.jpg']];
  async function remade(change: object): Promise<string> {
    const pictures = { ...read.images, vehicle, plate };
    const facts = {
      caseNo,
      kind: 'x',
      recipient: 'R',
      purpose: 'p',
      secondaryRecipient: null,
      docketNo: null,
      madeAt: '',
    };
    const content = packageContent(facts, [{ ...read, pictures, ...change }]);
    const input = { ...order, packageSha256: content.packageSha256 };
    const { sequence } = await world.did('rec', 'disclosure.release', input);
    await world.ledger.checkpoint();
    const checkpoint = world.ledger.latestCheckpoint;
    const records = proveInclusion(world.dir, checkpoint?.size ?? 0, [sequence]);
    const publicPem = readFileSync(join(world.dir, 'ledger.pub'), 'utf8');
    const zip = join(elsewhere, 'remade.zip');
    writeFileSync(zip, zipPackage(content.files, { records, checkpoint: JSON.stringify(checkpoint), publicPem }));
    return verifyPackage(zip).firstBad?.sentence ?? 'whole';
  }
  assert.match(await remade({ plate: 'EV877A' }), /does not fit the digest/);
  assert.match(await remade({}), /never preserved for case/);
});

test('a proof leads to the tree head from every place of a ledger of any size (RFC 9162)', () => {
  const leaf = (n: number) =>
    hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(hash('sha256', String(n), 'hex'), 'hex')]), 'buffer');
  for (let size = 1; size <= 40; size += 1) {
    const leaves = Array.from({ length: size }, (_, n) => leaf(n));
    const levels = levelsOf(leaves);
    const frontier = new MerkleFrontier();
    for (const one of leaves) frontier.append(one);
    for (let n = 0; n < size; n += 1) assert.equal(rootFrom(leaf(n), pathOf(levels, n), n, size), frontier.root());
  }
});

test('every bit of a zip counts: flipped bytes all over it are found [IV.D.3]', () => {
  const file = join(elsewhere, 'flipped.zip');
  for (let i = 0; i < 60; i += 1) {
    const bytes = Buffer.from(released.zip);
    const at = Math.floor((bytes.length * (i + 0.5)) / 60);
    bytes[at] = (bytes[at] as number) ^ 0x10;
    writeFileSync(file, bytes);
    const verdict = verifyPackage(file);
    // A byte of a name in a local header, a time or an attribute says nothing that a reader uses.
    const same = verdict.ok && readsOf(file) === readsOf(join(elsewhere, released.name));
    assert.ok(!verdict.ok || same, `byte ${at}`);
  }
  function readsOf(path: string): string {
    return Buffer.from(unzipSync(readFileSync(path))['reads.jsonl'] ?? []).toString();
  }
});

test('what a case kept is disposed of after its disposition, rows and pictures, and not before [IV.F.2]', async () => {
  const early = await world.refused('rec', 'hold.dispose', { caseNo, certificateSha256: 'a'.repeat(64) });
  assert.equal(early.code, 'LEGAL_HOLD');
  await world.did('rec', 'hold.release', { caseNo, disposition: 'judgment of 1 March' });
  const gone = await world.store.held.dispose(caseNo);
  assert.deepEqual([gone.reads, gone.imageBytes > 0], [2, true]);
  assert.deepEqual(await world.store.held.preserve(caseNo, []), { preserved: 0, missing: [] });
});

test('the verifier imports nothing but Node itself, so it shares no mistake with the writer [IV.D.3]', () => {
  const text = readFileSync(packagePath('src', 'evidence', 'verify.ts'), 'utf8');
  const imported = [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map((found) => found[1] as string);
  assert.ok(imported.length >= 3);
  assert.deepEqual(
    imported.filter((name) => !name.startsWith('node:')),
    [],
  );
});
