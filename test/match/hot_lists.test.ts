import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packFirst, packRest } from '../../src/match/plate.js';
import { unlistedFiles } from '../support/files.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { csv, listsOfTest } from './lists_support.js';
import { entry, readOf } from './support.js';

const { test, after } = suite('hot lists of a running program');
const { running, close } = listsOfTest();
after(close);

/** Files below a folder that hold a text, in clear or as a snapshot packs it. */
function filesWith(folder: string, plate: string, aside: string): string[] {
  const packed = (number: number) => Buffer.from(new Uint32Array([number]).buffer);
  const needles = [Buffer.from(plate), packed(packFirst(plate))];
  assert.ok(packRest(plate) > 0);
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((one) => one.isFile() && !join(one.parentPath, one.name).includes(aside))
    .map((one) => join(one.parentPath, one.name))
    .filter((file) => needles.some((needle) => readFileSync(file).includes(needle)));
}

test('a changed file in the watched folder is imported; a bad one changes nothing and shows as a problem', async () => {
  const { lists, drop, isMatched, notes } = await running(csv('1ZZZ11,warrant'));
  assert.ok(isMatched('1ZZZ11') && !isMatched('2YYY22'));
  drop('2.csv', csv('1ZZZ11,warrant', '2YYY22,stolen_vehicle').replace('plate', 'number'));
  await until('the refusal', () => lists.problems().length > 0);
  assert.match(lists.problems()[0] ?? '', /city: .*no column "plate"/);
  assert.ok(isMatched('1ZZZ11'));
  drop('3.csv', csv('2YYY22,stolen_vehicle'));
  await until('the next version', () => isMatched('2YYY22'));
  assert.ok(!isMatched('1ZZZ11'));
  assert.deepEqual(lists.problems(), []);
  assert.ok(
    notes.some((note) => note.startsWith('list.rejected')) && notes.some((note) => note.includes('"version":2')),
  );
});

test('manual entries match and fall silent with the authority; a removed entry too, everywhere the matcher looks [IV.A.7.a]', async () => {
  const { lists, now, isMatched, notes } = await running(csv('1ZZZ11,warrant'));
  now.manual = [entry('6FIX66', { source: 'manual', category: 'department_hot_list' })];
  await until('the entry', () => isMatched('6FIX66'));
  now.manual = [];
  await until('its end', () => !isMatched('6FIX66'));
  const [match] = lists.matcher.match(readOf('1ZZZ11', null)).matches;
  lists.remove(match?.entry.entryId ?? '');
  assert.ok(!isMatched('1ZZZ11'));
  assert.ok(notes.some((note) => note.startsWith('list.entry_silenced')));
});

test('a dropped row leaves no byte; an exception loads it and its end unloads it from memory and disk; every file is in the inventory [IV.A.3.b] [IV.A.4] [III.F]', async () => {
  const canary = 'QXJ7ZK93';
  const { lists, dataDir, now, isMatched } = await running(csv('1ZZZ11,warrant', `${canary},gang_or_terrorist`));
  const found = () => filesWith(dataDir, canary, join(dataDir, 'incoming'));
  assert.ok(!isMatched(canary));
  assert.deepEqual(found(), []);
  now.excepted = ['gang_or_terrorist'];
  await until('the exception', () => isMatched(canary));
  assert.equal(found().length, 1, 'loaded into the snapshot and nowhere else');
  now.excepted = [];
  await until('silence', () => !isMatched(canary));
  await until('unloaded from disk', () => found().length === 0);
  await until('unloaded from memory', () => !lists.matcher.snapshot?.has(packFirst(canary), packRest(canary)));
  assert.ok(isMatched('1ZZZ11'));
  lists.remove('city-0123456789abcdef');
  assert.deepEqual(
    unlistedFiles(dataDir).filter((path) => !path.startsWith('incoming')),
    [],
  );
});

test('a version that another key signed, or whose bytes changed, is not taken', async () => {
  const { lists, dataDir, isMatched } = await running(csv('1ZZZ11,warrant'));
  const file = join(dataDir, 'hot-list', 'list-1.snapshot');
  const forged = readFileSync(file);
  forged[forged.length - 900] = (forged[forged.length - 900] as number) ^ 1;
  writeFileSync(join(dataDir, 'hot-list', 'list-7.snapshot'), forged);
  await lists.look();
  assert.equal(lists.matcher.version?.version, 1);
  assert.ok(isMatched('1ZZZ11'));
});

test('an import that a crash cut short holds up nobody, even when the next process has its number', async () => {
  const { lists, dataDir, drop, isMatched } = await running(csv('1ZZZ11,warrant'));
  writeFileSync(join(dataDir, 'hot-list', 'import.lock'), '999999999');
  drop('2.csv', csv('2YYY22,warrant'));
  await until('past a dead holder', () => isMatched('2YYY22'));
  writeFileSync(join(dataDir, 'hot-list', 'import.lock'), String(process.pid));
  lists.folder.breakOwnLock();
  drop('3.csv', csv('3XXX33,warrant'));
  await until('past a former life', () => isMatched('3XXX33'));
});
