import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClickHouseError } from '@clickhouse/client';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { ManualClock } from '../../src/observe/clock.js';
import { sortOut } from '../../src/store/bad_rows.js';
import { storeSettings } from '../../src/store/settings.js';
import { linesOf } from '../../src/store/spooled_lines.js';
import { openStore, type Store } from '../../src/store/store.js';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { found, registry, scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('store, bad rows');
const scratch = scratchFolder();
after(() => scratch.remove());

const startMs = Date.UTC(2026, 9, 10, 12);
/** The engine takes no year of five digits, and no half of a surrogate pair. */
const yearTooFar = Date.UTC(10_000, 0, 1);
const brokenText = 'B\ud800D';

async function open(dataDir: string, url: string): Promise<Store> {
  const parts = { clock: new ManualClock(startMs), dataDir, cameraRegistry: registry };
  const opened = await openStore(storeSettings.parse({ url, batch: { ageMsMax: 60_000 } }), parts);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

/** What is kept aside for a person. */
function rejectedOf(dataDir: string): string {
  const spool = join(dataDir, 'store', 'spool');
  const names = readdirSync(spool).filter((name) => name.endsWith('.rejected'));
  return names.map((name) => readFileSync(join(spool, name), 'utf8')).join('');
}

for (const transport of ['embedded', 'HTTP'] as const) {
  test(`over ${transport}: rows the engine refuses are set aside, counted by reason; every other row of their batch is stored once`, async () => {
    const dataDir = join(scratch.path, transport);
    const engine = join(scratch.path, `${transport}-engine`);
    mkdirSync(engine);
    const front = transport === 'HTTP' ? await startClickhouseFront(engine) : null;
    const store = await open(dataDir, front?.url ?? 'embedded');
    try {
      const bad = new Map<number, 'time' | 'text'>([
        [0, 'time'],
        [117, 'text'],
        [118, 'time'],
        [399, 'text'],
      ]);
      const readAt = (i: number) =>
        someRead(
          i,
          bad.get(i) === 'text' ? `${brokenText}${i}` : `BR${i}X`,
          bad.get(i) === 'time' ? yearTooFar : startMs + i,
          {
            imageBytes: 8,
          },
        );
      // A lost answer while the rows are sorted: what is there already is looked for, and not stored again.
      front?.inject(
        'drop_after',
        (sql) => sql.startsWith('INSERT INTO platestream.reads') && sql.includes('BR200X') && !sql.includes('D399'),
      );
      await Promise.all(Array.from({ length: 400 }, (_, i) => store.append(readAt(i))));
      assert.ok(await store.flush(120_000));
      const { stored, rejected, retries, batches } = store.stats();
      assert.equal([...rejected].sort(), [
        // After the lost answer a row is asked for first: already that is refused.
        [front ? 'BAD_QUERY_PARAMETER' : 'CANNOT_PARSE_DATETIME', 2],
        ['CANNOT_PARSE_ESCAPE_SEQUENCE', 2],
      ]);
      assert.is(batches, 1);
      assert.is(retries > 0, front !== null);
      if (front === null) assert.is(stored, 396);
      assert.match(store.health().why ?? '', /^4 reads were refused/);
      const { rows } = await found(store, {
        kind: 'hours',
        wildcard: 'BR*',
        fromMs: startMs,
        toMs: startMs + 1_000,
      });
      const sum = (key: 'reads' | 'plates') =>
        rows.reduce((total, row) => total + (row.kind === 'hour' ? row[key] : 0), 0);
      assert.equal([sum('reads'), sum('plates')], [396, 396]);
      const aside = rejectedOf(dataDir);
      assert.is(aside.split('\n').filter((line) => line.startsWith('[')).length, 4);
      for (const i of bad.keys()) assert.ok(aside.includes(`,${i},`), `${i} is kept aside`);
    } finally {
      await store.close();
      await front?.close();
    }
  });
}

test('whatever rows are bad, each is set aside alone and in order, and each other row is written once', async () => {
  const wanted = fc.record({
    rows: fc.integer({ min: 1, max: 300 }),
    bad: fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { maxLength: 20 }),
  });
  await fc.assert(
    fc.asyncProperty(wanted, async ({ rows, bad }) => {
      const numbers = Array.from({ length: rows }, (_, i) => i);
      const isBad = (i: number) => bad.includes(i);
      const { taken, out } = await sorted(numbers, isBad);
      assert.equal(
        taken,
        numbers.filter((i) => !isBad(i)),
      );
      assert.equal([out.stored, out.bad.map(({ line }) => Number(line))], [taken.length, numbers.filter(isBad)]);
    }),
  );
});

test('where every row is bad the fault is not a row’s: the search for single rows ends, and all are set aside', async () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => i);
  const { taken, tokens, out } = await sorted(numbers, () => true);
  assert.equal([taken.length, out.bad.length], [0, 20_000]);
  assert.ok(tokens.length < 400, `${tokens.length} writes`);
  assert.is(new Set(tokens).size, tokens.length, 'no token comes twice');
});

async function sorted(numbers: readonly number[], isBad: (number: number) => boolean) {
  const taken: number[] = [];
  const tokens: string[] = [];
  const batch = { rows: numbers.length, body: Buffer.from(`${numbers.join('\n')}\n`), token: 'batch' };
  const out = await sortOut(batch, async (piece) => {
    const some = linesOf(piece).map(Number);
    tokens.push(piece.token);
    if (some.some(isBad)) throw new ClickHouseError({ code: '27', message: 'cannot parse' });
    taken.push(...some);
    return some.length;
  });
  return { taken, tokens, out };
}
