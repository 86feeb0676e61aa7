import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync, hash, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { suite } from '../support/suite.js';
import { ncicFile, ncicLine } from './ncic_lines.js';

const { test, after } = suite('platestream hotlist');
const folder = mkdtempSync(join(tmpdir(), 'platestream-hotlist-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function hotlist(...args: string[]) {
  const where = args[0] === 'verify' ? [] : ['--data-dir', folder];
  const all = [packagePath('bin', 'platestream.js'), 'hotlist', ...args, ...where];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 300_000 });
  return { status, stdout, stderr, json: () => JSON.parse(stdout) };
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('import, show, rejects, remove, verify: counts and reasons, never a plate; exit codes say what happened', () => {
  const lines = [
    ncicLine({ code: 'V', plate: '1ZZZ11', state: 'MA' }),
    ncicLine({ code: 'L', plate: '2YYY22', state: 'MA' }),
    'bad',
  ];
  const extract = file('extract.txt', ncicFile(lines, '20260101'));
  const refused = hotlist('import', extract, '--source', 'ncic');
  assert.deepEqual(
    [refused.status, /REFUSED \(TOO_MANY_REJECTED, III.M\)/.test(refused.stdout)],
    [1, true],
    refused.stderr,
  );
  const good = file('good.txt', ncicFile(lines.slice(0, 2), '20260101'));
  const dry = hotlist('import', good, '--source', 'ncic', '--dry-run');
  assert.deepEqual([dry.status, /would be loaded.*\n.*TOO OLD TO MATCH/.test(dry.stdout)], [0, true], dry.stdout);
  assert.equal(hotlist('show').status, 1, 'a dry run changed nothing');
  const loaded = hotlist('import', good, '--source', 'ncic', '--json');
  assert.deepEqual([loaded.json().kept, loaded.json().dropped], [1, { violent_person: 1 }]);
  const shown = hotlist('show', '--json').json();
  assert.deepEqual([shown.version, shown.entries, shown.sources[0].name], [1, 1, 'ncic']);
  assert.match(hotlist('show').stdout, /ncic: 1 entries.*TOO OLD TO MATCH/);
  hotlist('import', extract, '--source', 'other', '--format', 'ncic');
  assert.match(hotlist('rejects', '--source', 'other').stdout, /line 4: category_missing|line 4: line_too_short/);
  const mistyped = hotlist('remove', 'ncic-0123456789abcdef');
  assert.deepEqual([mistyped.status, /in no imported list/.test(mistyped.stdout)], [0, true]);
  const listed = `ncic-${hash('sha256', 'ncic stolen_vehicle MA 1ZZZ11', 'hex').slice(0, 16)}`;
  assert.deepEqual(hotlist('remove', listed, '--json').json(), { removed: listed, isListed: true });
  const all = [refused, loaded, hotlist('show'), hotlist('rejects', '--source', 'ncic')];
  for (const { stdout, stderr } of all) assert.ok(!/1ZZZ11|2YYY22/.test(stdout + stderr));
});

test('a signed source: the signature must be there and right', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = file('key.pem', publicKey.export({ type: 'spki', format: 'pem' }) as string);
  const list = file('list.csv', 'plate,category\n1ZZZ11,warrant\n');
  const args = ['import', list, '--source', 'signed', '--public-key', pem, '--json'];
  assert.equal(hotlist(...args).json().refusal.code, 'SIGNATURE_INVALID');
  const digest = hash('sha256', readFileSync(list), 'hex');
  writeFileSync(`${list}.sig`, sign(null, Buffer.from(digest), privateKey).toString('base64'));
  const { outcome, signed } = hotlist(...args).json();
  assert.deepEqual([outcome, signed], ['loaded', true]);
});

test('a snapshot is checked against a public key by a command of its own', () => {
  const snapshot = readdirSync(join(folder, 'hot-list')).find((name) => name.endsWith('.snapshot')) ?? '';
  const path = join(folder, 'hot-list', snapshot);
  const { privateKey } = generateKeyPairSync('ed25519');
  const other = file('other.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  assert.equal(hotlist('verify', path, '--public-key', join(folder, 'keys', 'hot-list-signing.pem')).status, 0);
  assert.equal(hotlist('verify', path, '--public-key', other).status, 1);
});

test('wrong usage: one clear line, exit code 2', () => {
  for (const [args, expected] of [
    [['import', '--source', 'x'], /name the files/],
    [['import', join(folder, 'none.csv'), '--source', 'x'], /none\.csv: no such file/],
    [['import', 'x.csv', '--source', 'Not A Name'], /name: a to z/],
    [['import', 'x.csv', '--source', 'x', '--map', 'foo=BAR'], /--map foo=BAR/],
    [['import', 'x.csv', '--source', 'x', '--compiled-at', 'noon'], /--compiled-at noon/],
    [['import', 'x.csv', '--source', 'x', '--approve', 'yes'], /--approve/],
    [['remove', 'no id!'], /not an entry id/],
    [['rejects', '--source', 'never'], /nothing was imported/],
  ] as const) {
    const { status, stderr } = hotlist(...args);
    assert.equal(status, 2, stderr);
    assert.match(stderr, expected);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});
