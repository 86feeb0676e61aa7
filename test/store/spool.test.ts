import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { bulkLine } from '../../src/store/bulk_row.js';
import { openReadSpool, type ReadSpool } from '../../src/store/read_spool.js';
import { scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('spool of reads');
const scratch = scratchFolder();
after(() => scratch.remove());
const atMs = Date.UTC(2026, 4, 1, 12);
const lineAt = (number: number) =>
  bulkLine(someRead(number, `SP${number}X`, atMs + number), { position: null, image: null, listVersion: 1 });

function bytesOf(folder: string): string {
  return readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('');
}

async function batch(spool: ReadSpool, numbers: readonly number[]): Promise<number> {
  await spool.append(numbers.map(lineAt));
  const sealed = await spool.seal();
  assert.ok(sealed !== null);
  return sealed as number;
}

test('reads past retention leave batches that wait and batches that were refused, the others stay; totals and a new opening agree [IV.F.1]', async () => {
  const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 30 });
  const batches = fc.array(fc.record({ numbers, refused: fc.boolean() }), { minLength: 1, maxLength: 4 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.integer({ min: -1, max: 500 }), async (wanted, until) => {
      run += 1;
      const folder = join(scratch.path, String(run));
      const spool = await openReadSpool(folder);
      for (const one of wanted) {
        const number = await batch(spool, one.numbers);
        if (one.refused) await spool.reject(number, one.numbers.map(lineAt));
      }
      const all = wanted.flatMap((one) => one.numbers);
      const over = all.filter((number) => number <= until);
      assert.is(await spool.forget(atMs + until), over.length);
      assert.is(await spool.forget(atMs + until), 0);
      const waiting = wanted.filter((one) => !one.refused).flatMap((one) => one.numbers);
      const left = waiting.filter((number) => number > until).length;
      assert.is(spool.rows, left);
      const bytes = bytesOf(folder);
      for (const number of all) assert.is(bytes.includes(`SP${number}X`), number > until, `${number} until ${until}`);
      const totals = spool.bytes;
      await spool.close();
      const again = await openReadSpool(folder);
      assert.equal([again.rows, again.bytes], [left, totals]);
      await again.close();
    }),
    { numRuns: 40 },
  );
});
