import { systemClock } from '../../src/observe/clock.js';
import { storeSettings } from '../../src/store/settings.js';
import { openStore } from '../../src/store/store.js';
import { found, registry, someRead } from './store_fixtures.js';

/** A store in a process that the crash test kills: appends reads from `argv[3]` on, and says of each when it is durable. */
const [dataDir, from, until, baseMs, retoldUntil] = process.argv.slice(2);
const opened = await openStore(storeSettings.parse({ batch: { ageMsMax: 15, rowsMax: 400 } }), {
  clock: systemClock,
  dataDir: dataDir as string,
  cameraRegistry: registry,
});
if (!opened.ok) throw new Error(opened.error);
const store = opened.value;
process.send?.({ kind: 'open' });
let next = Number(from);
async function lane(): Promise<void> {
  while (next < Number(until)) {
    const number = next;
    next += 1;
    const read = someRead(number, `CR${number}`, Number(baseMs) + number, { imageBytes: 32 });
    await store.append(read, { retold: number < Number(retoldUntil) });
    process.send?.({ kind: 'durable', number });
  }
}
await Promise.all(Array.from({ length: 64 }, lane));
await store.flush(120_000);
const { rows } = await found(store, {
  kind: 'hours',
  wildcard: 'CR*',
  fromMs: Number(baseMs) - 1,
  toMs: Number(baseMs) + 3_600_000,
});
const sum = (key: 'reads' | 'plates') => rows.reduce((total, row) => total + (row.kind === 'hour' ? row[key] : 0), 0);
process.send?.({ kind: 'counted', reads: sum('reads'), plates: sum('plates'), repeated: store.stats().repeated });
await store.close();
process.disconnect?.();
