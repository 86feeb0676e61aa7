import '../support/failing_fs.js';

import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Outbox } from '../../src/alert/forward/outbox.js';
import { openSpool } from '../../src/bus/spool.js';
import type { ImagePlace } from '../../src/data/image_place.js';
import { appendLine } from '../../src/files/append_line.js';
import { openJournal } from '../../src/files/journal.js';
import { replaceFile } from '../../src/files/replace_file.js';
import { replaceFileSync, writeNewFile } from '../../src/files/whole_file.js';
import type { LedgerOptions } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/open.js';
import { loadSigningKey, newSigningKey } from '../../src/ledger/signing_key.js';
import { ListFolder } from '../../src/match/list_folder.js';
import { Credentials } from '../../src/policy/accounts/credentials.js';
import { openImagePacks } from '../../src/store/images.js';
import { openReadSpool } from '../../src/store/read_spool.js';
import { linesOf } from '../../src/store/spooled_lines.js';
import { note, optionsIn } from '../ledger/support.js';
import { arm, disarm, type Fault, faults } from '../support/failing_fs.js';
import { someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

/** A durable file of the product, as one contract sees it: numbers go in, and are there afterwards. */
interface Durable {
  /** `all` that was put is there, or the `last`. */
  readonly keeps: 'all' | 'last';
  /** Opens, or opens again. */
  open(folder: string): Promise<Opened>;
}
interface Opened {
  /** Resolves when `n` is acknowledged. */
  put(n: number): Promise<unknown>;
  /** What is there. */
  found(): Promise<readonly number[]>;
  close(): Promise<unknown>;
  /** Whether it refuses all that comes after this fault, until it is opened again. */
  stopsAt?(fault: Fault): boolean;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const ifThere = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');
const numbersIn = (text: string) => text.split('\n').flatMap((line) => (/^\d+$/.test(line) ? [Number(line)] : []));
const nothing = async () => undefined;

const durables: Readonly<Record<string, Durable>> = {
  ledger: {
    keeps: 'all',
    async open(folder) {
      const opened = await openLedger(ledgerOptions(folder));
      if (!opened.ok) throw new Error(opened.error);
      const ledger = opened.value;
      return {
        async put(n) {
          const answer = await ledger.append(note(String(n)));
          if (!answer.ok) throw new Error(answer.error.code);
        },
        async found() {
          const found: number[] = [];
          ledger.replay(1, ({ action, request }) => {
            if (action === 'test.noted') found.push(Number((request as { text: string }).text));
            return true;
          });
          return found;
        },
        close: () => ledger.close(),
        stopsAt: () => ledger.poisoned !== null,
      };
    },
  },
  'journal of alerts': {
    keeps: 'all',
    async open(folder) {
      const found: number[] = [];
      const journal = openJournal<number>(join(folder, 'alerts.jsonl'), (n) => found.push(n), { writeAgainMs: 1 });
      return { put: (n) => journal.append(n), found: async () => found, close: () => journal.close() };
    },
  },
  'messages to others': {
    keeps: 'all',
    async open(folder) {
      const outbox = new Outbox(join(folder, 'outbox.jsonl'));
      const idOf = (n: number) => ({ id: String(n), hook: 'hook', body: '', dueSinceMs: 0 });
      return {
        put: (n) => outbox.add(n, [idOf(n)]),
        found: async () => outbox.due().map(({ id }) => Number(id)),
        close: () => outbox.close(),
      };
    },
  },
  'spool of reads': {
    keeps: 'all',
    async open(folder) {
      const spool = await openReadSpool(folder);
      return {
        put: (n) => spool.append([JSON.stringify({ n })]),
        async found() {
          await spool.seal();
          const batches = await Promise.all(spool.sealed().map(async (batch) => linesOf(await spool.read(batch))));
          return batches.flat().map((line) => (JSON.parse(line) as { n: number }).n);
        },
        close: () => spool.close(),
      };
    },
  },
  'image packs': {
    keeps: 'all',
    async open(folder) {
      const packs = openImagePacks(join(folder, 'packs'), { bytesMax: 1 << 20, packBytesMax: 1 << 18 });
      const places = placesOf(folder);
      return {
        async put(n) {
          const place = await packs.append(someRead(n, `P${n}`, 1_700_000_000_000));
          assert.ok(place);
          await packs.sync([place]);
          places.set(n, place);
        },
        async found() {
          const found: number[] = [];
          for (const [n, place] of places) if ((await packs.load(place, 'plate')).ok) found.push(n);
          return found;
        },
        close: () => packs.close(),
      };
    },
  },
  'spool of an engine': {
    keeps: 'all',
    async open(folder) {
      const spool = openSpool<number>(folder, 1 << 20);
      return {
        async put(n) {
          if (!spool.push(n, spool.nextPlace())) throw new Error('not kept');
        },
        found: async () => [...spool.entries(new Set())].map(({ value }) => value),
        close: nothing,
      };
    },
  },
  credentials: {
    keeps: 'all',
    async open(folder) {
      const credentials = new Credentials(join(folder, 'credentials.json'));
      return {
        put: async (n) => credentials.set(`user-${n}`, { passwordHash: String(n) }),
        found: async () => upTo(9).filter((n) => credentials.get(`user-${n}`) !== null),
        close: nothing,
      };
    },
  },
  'entries taken off the hot list': {
    keeps: 'all',
    async open(folder) {
      const list = new ListFolder(folder);
      return {
        put: async (n) => list.remove(String(n), n),
        found: async () => Object.keys(list.removed()).map(Number),
        close: nothing,
      };
    },
  },
  'lines of the witness and of imports': {
    keeps: 'all',
    async open(folder) {
      const file = join(folder, 'lines.jsonl');
      return {
        put: (n) => appendLine(file, String(n)),
        found: async () => numbersIn(ifThere(file)),
        close: nothing,
      };
    },
  },
  'a file replaced': {
    keeps: 'last',
    async open(folder) {
      const file = join(folder, 'value');
      return {
        put: (n) => replaceFile(file, `${n}\n`),
        found: async () => numbersIn(ifThere(file)),
        close: nothing,
      };
    },
  },
  'a file replaced at once': {
    keeps: 'last',
    async open(folder) {
      const file = join(folder, 'value');
      return {
        put: async (n) => replaceFileSync(file, `${n}`, '\n'),
        found: async () => numbersIn(ifThere(file)),
        close: nothing,
      };
    },
  },
  'new files': {
    keeps: 'all',
    async open(folder) {
      return {
        put: async (n) => writeNewFile(join(folder, String(n)), `${n}\n`),
        found: async () => readdirSync(folder).flatMap((name) => numbersIn(readFileSync(join(folder, name), 'utf8'))),
        close: nothing,
      };
    },
  },
};

const signingKey = newSigningKey();
const ledgerOptions = (folder: string): LedgerOptions =>
  optionsIn(join(folder, 'ledger'), { signingKey, lastSignedFile: join(folder, 'key.last') });

const places = new Map<string, Map<number, ImagePlace>>();
function placesOf(folder: string): Map<number, ImagePlace> {
  const known = places.get(folder) ?? new Map<number, ImagePlace>();
  places.set(folder, known);
  return known;
}

const { test, after } = suite('durable files');
const scratch = mkdtempSync(join(tmpdir(), 'ps-durable-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Puts numbers, the `nth` call of a kind failing; opens again; compares. @returns whether there was such a call */
async function survives(name: string, { keeps, open }: Durable, fault: Fault, nth: number): Promise<boolean> {
  const folder = mkdtempSync(join(scratch, 'one-'));
  const acknowledged: number[] = [];
  const told = `${name}, ${fault} at call ${nth}`;
  arm(fault, nth);
  const first = await open(folder).catch(() => open(folder));
  const put = async (one: Opened, n: number) => {
    const done = await one.put(n).then(
      () => true,
      () => false,
    );
    if (done) acknowledged.push(n);
    return done;
  };
  for (const n of [1, 2, 3]) await put(first, n);
  const fired = disarm();
  if (fault === 'short write')
    assert.deepEqual(acknowledged, [1, 2, 3], `${told}: a part was taken, the rest is written`);
  if (!(await put(first, 4))) assert.ok(first.stopsAt?.(fault), `${told}: afterwards it goes on`);
  await first.close();
  const again = await open(folder);
  const found = await again.found();
  assert.deepEqual([...new Set(found)].sort(), [...found], `${told}: each once, in order`);
  const lost = keeps === 'all' ? acknowledged.filter((n) => !found.includes(n)) : [];
  if (keeps === 'last') assert.ok((found[0] ?? 0) >= (acknowledged.at(-1) ?? 0), `${told}: the last is there`);
  assert.deepEqual(lost, [], `${told}: what was acknowledged is there`);
  assert.ok(await put(again, 5), `${told}: opened again, it takes more`);
  await again.close();
  assert.deepEqual(
    readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('.part')),
    [],
    `${told}: nothing half done is left`,
  );
  rmSync(folder, { recursive: true });
  return fired;
}

for (const [name, durable] of Object.entries(durables))
  test(`${name}: whichever call fails, what was acknowledged is there once, and it goes on [IV.D.1]`, async () => {
    for (const fault of faults) for (let nth = 1; await survives(name, durable, fault, nth); nth += 1);
  });

test('the signing key: whichever call fails, the key that was handed out is the one that is kept', async () => {
  for (const fault of faults)
    for (let nth = 1, fired = true; fired; nth += 1) {
      const file = join(mkdtempSync(join(scratch, 'key-')), 'key.pem');
      arm(fault, nth);
      const load = () => loadSigningKey(file).publicPem;
      const handedOut = await Promise.resolve()
        .then(load)
        .catch(() => null);
      fired = disarm();
      if (handedOut !== null) assert.equal(load(), handedOut);
      assert.equal(load(), load());
    }
});
