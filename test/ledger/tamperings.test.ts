import { strict as assert } from 'node:assert';
import { hash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeCheckpoint } from '../../src/ledger/checkpoint.js';
import type { LedgerOptions } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/open.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { suite } from '../support/suite.js';
import { must, note, optionsIn, removeFolder, temporaryFolder } from './support.js';

/**
 * What somebody can do who may write everything in the ledger's folder, and has neither the key nor what lies beside it: each is caught by the
 * verifier (who holds the public key and, where that is said, a witness) and refused by the writer, which signs nothing more.
 */
const { test, before, after } = suite('tamperings');
const recordCount = 60;
const perCheckpoint = 10;

let home = '';
let options: LedgerOptions;
/** As it was half-way, and at the end: folder copies. */
const old = () => join(home, 'old');
const whole = () => join(home, 'whole');
let witness = '';

before(async () => {
  home = temporaryFolder();
  const dir = join(home, 'ledger');
  mkdirSync(dir);
  options = optionsIn(dir, { segmentBytes: 1 << 13, checkpointEveryRecords: perCheckpoint });
  const ledger = must(await openLedger(options));
  for (let n = 2; n <= recordCount / 2; n += 1) must(await ledger.append(note(`invented ${n}`)));
  await ledger.checkpoint();
  cpSync(dir, old(), { recursive: true, filter: (path) => !path.endsWith('lock') });
  for (let n = recordCount / 2 + 1; n <= recordCount; n += 1) must(await ledger.append(note(`invented ${n}`)));
  await ledger.close();
  cpSync(dir, whole(), { recursive: true });
  witness = readFileSync(join(dir, 'checkpoints.jsonl'), 'utf8').trimEnd().split('\n').at(-1) as string;
});
after(() => removeFolder(home));

const inFolder = (name: string) => join(options.dir, name);
const segments = () => readdirSync(options.dir).filter((name) => name.startsWith('segment-'));
const read = (name: string) => readFileSync(inFolder(name), 'utf8');
const write = (name: string, content: string) => writeFileSync(inFolder(name), content);
const linesIn = (name: string) => read(name).trimEnd().split('\n');
const put = (name: string, lines: readonly string[]) => write(name, lines.map((line) => `${line}\n`).join(''));

/** All records, and back into the files they came from. */
function changeRecords(change: (lines: string[]) => string[]): void {
  const files = segments();
  const changed = change(files.flatMap(linesIn));
  const firsts = files.map((name) => Number(name.slice(8, 20)));
  for (const [index, name] of files.entries()) {
    const from = (firsts[index] as number) - 1;
    put(name, changed.slice(from, (firsts[index + 1] ?? Number.POSITIVE_INFINITY) - 1));
  }
}

/** The chain from record `from` on, made again as somebody without the key would. */
function rechained(lines: readonly string[], from: number, change: (line: string) => string): string[] {
  let previous = from === 1 ? '0'.repeat(64) : (JSON.parse(lines[from - 2] as string) as { hash: string }).hash;
  return lines.map((line, i) => {
    if (i < from - 1) return line;
    const body = (i === from - 1 ? change(line) : line)
      .slice(0, -75)
      .replace(/^\{"seq":\d+,"prev_hash":"[0-9a-f]{64}"/, `{"seq":${i + 1},"prev_hash":"${previous}"`);
    previous = hash('sha256', body, 'hex');
    return `${body},"hash":"${previous}"}`;
  });
}

const forge = (n: number) => (lines: string[]) => rechained(lines, n, (line) => line.replace('invented', 'forgedxx'));
const checkpoints = 'checkpoints.jsonl';
const changeCheckpoints = (change: (lines: string[]) => string[]) => put(checkpoints, change(linesIn(checkpoints)));
const flipped = (text: string, at: number) =>
  `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;

/** More records at the end, chained, never signed. */
function appended(count: number): void {
  const file = segments().at(-1) as string;
  changeRecords((lines) =>
    rechained([...lines, ...Array<string>(count).fill(lines.at(-1) as string)], lines.length + 1, (line) => line),
  );
  assert.ok(linesIn(file).length > count);
}

/** The same history signed by a key of one's own, put in the place of the real one. */
function signedAnew(): void {
  const own = newSigningKey();
  let prev = '0'.repeat(64);
  changeCheckpoints((lines) =>
    lines.map((line) => {
      const { number, size, root, ts_utc, leaves } = JSON.parse(line);
      const made = encodeCheckpoint({ number, size, root, ts_utc, prev, leaves }, own);
      prev = made.digest;
      return made.line;
    }),
  );
  write('ledger.pub', own.publicPem);
}

interface Tampering {
  readonly what: string;
  readonly how: () => void;
  /** Nothing inside the folder can show it: the verifier needs a witness. */
  readonly needsWitness?: true;
}

const tamperings: readonly Tampering[] = [
  {
    what: 'a character of the first record',
    how: () => changeRecords(([first, ...rest]) => [flipped(first as string, 200), ...rest]),
  },
  {
    what: 'a word in the middle',
    how: () => changeRecords((lines) => lines.with(30, (lines[30] as string).replace('invented', 'forgedxx'))),
  },
  {
    what: 'a word of the last record',
    how: () => changeRecords((lines) => lines.with(-1, (lines.at(-1) as string).replace('invented', 'forgedxx'))),
  },
  { what: 'the first record removed', how: () => changeRecords((lines) => lines.slice(1)) },
  { what: 'a record in the middle removed', how: () => changeRecords((lines) => lines.toSpliced(29, 1)) },
  { what: 'the last record removed', how: () => changeRecords((lines) => lines.slice(0, -1)) },
  { what: 'a record twice', how: () => changeRecords((lines) => lines.toSpliced(29, 0, lines[28] as string)) },
  {
    what: 'two neighbours swapped',
    how: () => changeRecords((lines) => lines.toSpliced(28, 2, lines[29] as string, lines[28] as string)),
  },
  { what: 'a record forged and all after it made again', how: () => changeRecords(forge(30)) },
  { what: 'the same for the last record alone', how: () => changeRecords(forge(recordCount)) },
  {
    what: 'forged, and the checkpoints deleted',
    how() {
      changeRecords(forge(30));
      rmSync(inFolder(checkpoints));
    },
  },
  {
    what: 'forged, and the checkpoints emptied',
    how() {
      changeRecords(forge(30));
      write(checkpoints, '');
    },
  },
  {
    what: 'forged, and the checkpoints from there on cut off',
    needsWitness: true,
    how() {
      changeRecords(forge(30));
      changeCheckpoints((lines) => lines.filter((line) => (JSON.parse(line) as { size: number }).size < 30));
    },
  },
  {
    what: 'cut back with its checkpoints',
    needsWitness: true,
    how() {
      const [kept] = linesIn(checkpoints).slice(2, 3) as [string];
      const { size } = JSON.parse(kept) as { size: number };
      changeRecords((lines) => lines.slice(0, size));
      for (const name of segments()) if (read(name).trim() === '') rmSync(inFolder(name));
      changeCheckpoints((lines) => lines.slice(0, 3));
    },
  },
  {
    what: 'an older copy of the whole folder put back',
    needsWitness: true,
    how() {
      rmSync(options.dir, { recursive: true });
      cpSync(old(), options.dir, { recursive: true });
    },
  },
  {
    what: 'a character of a checkpoint in the middle',
    how: () => changeCheckpoints((lines) => lines.with(2, flipped(lines[2] as string, 80))),
  },
  {
    what: 'a character of the last checkpoint',
    how: () => changeCheckpoints((lines) => lines.with(-1, flipped(lines.at(-1) as string, 80))),
  },
  { what: 'the first checkpoint removed', how: () => changeCheckpoints((lines) => lines.slice(1)) },
  { what: 'a checkpoint in the middle removed', how: () => changeCheckpoints((lines) => lines.toSpliced(2, 1)) },
  {
    what: 'two checkpoints swapped',
    how: () => changeCheckpoints((lines) => lines.toSpliced(2, 2, lines[3] as string, lines[2] as string)),
  },
  { what: 'the last checkpoint twice', how: () => changeCheckpoints((lines) => [...lines, lines.at(-1) as string]) },
  { what: 'all of it signed by another key, with that key beside it', how: signedAnew },
  { what: 'a file of records deleted', how: () => rmSync(inFolder(segments()[1] as string)) },
  {
    what: 'two files of records exchanged',
    how() {
      const [one, two] = segments().slice(1, 3) as [string, string];
      renameSync(inFolder(one), inFolder('aside'));
      renameSync(inFolder(two), inFolder(one));
      renameSync(inFolder('aside'), inFolder(two));
    },
  },
  {
    what: 'everything deleted but the public key',
    how() {
      for (const name of readdirSync(options.dir)) if (name !== 'ledger.pub') rmSync(inFolder(name));
    },
  },
  {
    what: 'the whole folder emptied',
    how() {
      for (const name of readdirSync(options.dir)) rmSync(inFolder(name));
    },
  },
  { what: 'more unsigned records than a writer ever leaves', how: () => appended(1001) },
  {
    what: 'lines that end as on Windows',
    how() {
      for (const name of segments()) write(name, read(name).replaceAll('\n', '\r\n'));
    },
  },
];

function restore(): void {
  rmSync(options.dir, { recursive: true, force: true });
  cpSync(whole(), options.dir, { recursive: true });
}

const verdict = (withWitness: boolean) =>
  verifyLedger(options.dir, { publicPem: options.signingKey.publicPem, ...(withWitness && { witness }) });

test('untouched it is whole, with and without a witness', () => {
  restore();
  assert.deepEqual([verdict(false).ok, verdict(true).ok, verdict(true).records], [true, true, recordCount]);
  assert.ok(tamperings.length >= 25 && segments().length > 2);
});

for (const { what, how, needsWitness } of tamperings) {
  test(`${what}: caught by the verifier, refused by the writer [IV.C.6.a] [IV.C.6.b]`, async () => {
    restore();
    how();
    const kept = snapshotOf(options.dir);
    const found = verdict(needsWitness === true);
    assert.ok(!found.ok, 'the verifier finds it');
    const opened = await openLedger(options);
    if (opened.ok) await opened.value.close();
    assert.ok(!opened.ok, 'the writer refuses it');
    assert.deepEqual(snapshotOf(options.dir), kept, 'nothing was changed or signed');
  });
}

function snapshotOf(dir: string): Record<string, string> {
  const files = readdirSync(dir).filter((name) => !name.startsWith('lock'));
  return Object.fromEntries(files.map((name) => [name, readFileSync(join(dir, name), 'latin1')]));
}

test('after all that the untouched ledger is opened and continued', async () => {
  restore();
  const ledger = must(await openLedger(options));
  must(await ledger.append(note('goes on')));
  await ledger.close();
  assert.ok(verdict(true).ok);
});
