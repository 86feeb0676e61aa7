import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/observe/clock.js';
import { storeSettings } from '../../src/store/settings.js';
import { openStore } from '../../src/store/store.js';
import { startClickhouseFront } from '../support/clickhouse_front.js';
import { found, registry, scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const { test, after } = suite('store, after an outage');
const scratch = scratchFolder();
after(() => scratch.remove());
const hourMs = 3_600_000;

test('live reads are found while the reads of hours without a store still wait; then all of them are there, once', async () => {
  const engine = join(scratch.path, 'engine');
  mkdirSync(engine);
  const front = await startClickhouseFront(engine);
  const settings = storeSettings.parse({ url: front.url, batch: { rowsMax: 20, ageMsMax: 20 } });
  const opened = await openStore(settings, { clock: systemClock, dataDir: scratch.path, cameraRegistry: registry });
  if (!opened.ok) throw new Error(opened.error);
  const store = opened.value;
  try {
    const [missed, nowMs] = [2_000, Date.now()];
    front.setDown(true);
    const spreadMs = (4 * hourMs) / missed;
    for (let i = 0; i < missed; i += 20)
      await Promise.all(
        Array.from({ length: 20 }, (_, k) =>
          store.append(someRead(i + k, `BF${i + k}X`, nowMs - 4 * hourMs + (i + k) * spreadMs, { imageBytes: 8 })),
        ),
      );
    await until('a refused write', () => store.stats().failingSinceMs !== null);
    assert.is(store.stats().stored, 0);
    front.setDown(false);
    await until('the first batch', () => store.stats().stored > 0);
    await store.append(someRead(9_000, 'LIVE11', Date.now()));
    const isFound = async () => (await found(store, { kind: 'reads', plate: 'LIVE11' })).rows.length === 1;
    await until('the live read', isFound);
    assert.ok(store.stats().spoolRows > 0, 'the backlog still waits');
    assert.ok(await store.flush(120_000));
    const window = { fromMs: nowMs - 5 * hourMs, toMs: nowMs + hourMs };
    const { rows } = await found(store, { kind: 'hours', wildcard: 'BF*', ...window });
    const sum = (key: 'reads' | 'plates') =>
      rows.reduce((total, row) => total + (row.kind === 'hour' ? row[key] : 0), 0);
    assert.equal([sum('reads'), sum('plates')], [missed, missed]);
  } finally {
    await store.close();
    await front.close();
  }
});
