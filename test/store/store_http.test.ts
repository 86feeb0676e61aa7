import * as assert from 'uvu/assert';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { storeContract } from '../support/store_contract.js';
import { found, scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const http = suite('store, over HTTP');
const folder = scratchFolder();
let front: Awaited<ReturnType<typeof startClickhouseFront>>;
const { store, clock } = storeContract(http, async () => {
  front = await startClickhouseFront(folder.path);
  return front.url;
});
http.after(async () => {
  await front?.close();
  folder.remove();
});

const isSearch = (sql: string) => sql.includes('FROM platestream.reads WHERE captured_at >');
const isInsert = (sql: string) => sql.startsWith('INSERT INTO platestream.reads');

http.test('an answer that fails after 200 OK, or is cut short, is a failed search and never a short list', async () => {
  for (const fault of ['error_after_200', 'cut_short', 'drop_after', 'busy'] as const) {
    front.inject(fault, isSearch);
    const { rows, end } = await found(store(), { kind: 'reads', plate: 'WX900V' });
    assert.equal([rows.length, end.kind === 'failed' && end.code], [0, 'STORE_UNAVAILABLE'], fault);
  }
  assert.is((await found(store(), { kind: 'reads', plate: 'WX900V' })).rows.length, 9);
});

http.test('a batch whose answer is lost, refused or garbled is stored exactly once', async () => {
  for (const [i, fault] of (['drop_before', 'drop_after', 'error_after_200', 'busy'] as const).entries()) {
    front.inject(fault, isInsert);
    await store().append(someRead(5000 + i, `FT${i}00LT`, clock.nowMs()));
    assert.ok(await store().flush(120_000));
    assert.is((await found(store(), { kind: 'reads', plate: `FT${i}00LT` })).rows.length, 1, fault);
  }
  assert.ok(store().stats().retries >= 4);
});

http.test('while the store is down reads are acknowledged from the spool, and all arrive when it is back', async () => {
  front.setDown(true);
  await Promise.all(
    Array.from({ length: 200 }, (_, i) => store().append(someRead(7000 + i, `DW${i}N`, clock.nowMs()))),
  );
  await until('a failed write', () => store().stats().failingSinceMs !== null);
  assert.is(store().stats().spoolRows, 200);
  front.setDown(false);
  assert.ok(await store().flush(120_000));
  const { rows } = await found(store(), {
    kind: 'reads',
    fromMs: clock.nowMs(),
    toMs: clock.nowMs() + 1,
    wildcard: 'DW*',
    pageRows: 1000,
  });
  assert.is(rows.length, 200);
});
