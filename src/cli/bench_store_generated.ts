import { columns } from '../store/bulk_row.js';
import type { Warehouse } from '../store/clickhouse.js';
import { dayMs } from '../store/retention_days.js';

const windowDays = 29;

export const howGenerated =
  `rows generated inside ClickHouse (INSERT ... SELECT), not written by the writer: ${windowDays} days, 60 cameras, ` +
  'one vehicle for 50 rows, few of which pass often; each day merged to one part';

/** One statement's rows: what it sorts at once stays some hundred megabytes. */
const stepRows = 2_000_000;

/**
 * Adds rows until there are `rows`, evenly over the days, one day after another: a statement that touches one partition makes one part and
 * not thirty. A larger table of the same `total` holds the smaller one.
 */
export async function fillTo(
  warehouse: Warehouse,
  rows: number,
  total: number,
  progress: (text: string) => void,
): Promise<void> {
  const present = await presentRows(warehouse);
  if (present.rows > rows) throw new Error(`the folder holds ${present.rows} rows already; asked for ${rows}`);
  const startMs = present.firstMs ?? Date.now() - windowDays * dayMs + 3_600_000;
  for (let day = 0; day < windowDays && present.rows < rows; day += 1) {
    progress(`generating ${rows} rows, day ${day + 1} of ${windowDays}`);
    let missing = shareOf(rows, day) - shareOf(present.rows, day);
    for (; missing > 0; missing -= stepRows) {
      await warehouse.command(generatorSql({ day, rows: Math.min(stepRows, missing), startMs, total }));
    }
  }
  progress('merging each day to one part');
  await warehouse.command('OPTIMIZE TABLE platestream.reads FINAL SETTINGS optimize_skip_merged_partitions = 1');
}

async function presentRows(warehouse: Warehouse): Promise<{ rows: number; firstMs: number | null }> {
  const [found] = await warehouse.query<{ n: string; first: string }>(
    'SELECT count() AS n, toUnixTimestamp64Milli(min(captured_at)) AS first FROM platestream.reads',
  );
  const rows = Number(found?.n ?? 0);
  return { rows, firstMs: rows === 0 ? null : Number(found?.first) };
}

/** Rows of the day-th of all days when there are `rows` in all. */
function shareOf(rows: number, day: number): number {
  return Math.floor((rows * (day + 1)) / windowDays) - Math.floor((rows * day) / windowDays);
}

/** `place` is where in the whole a row lies, in time and number: what counts upwards in life counts upwards here. */
function generatorSql(step: { day: number; rows: number; startMs: number; total: number }): string {
  const { day, rows, startMs, total } = step;
  const rowsOfDay = total / windowDays;
  const spreadMs = windowDays * dayMs - 7_200_000;
  const vehicles = Math.max(100_000, Math.round(total / 50));
  return `INSERT INTO platestream.reads (${columns.join(', ')}) SELECT
    fromUnixTimestamp64Milli(toInt64(${startMs} + intDiv(place * ${spreadMs}, ${total}) + rand(1) % 50), 'UTC') AS captured_at,
    concat('cam-', toString(rand(2) % 60)) AS camera,
    42360000 + (rand(2) % 60) * 1117, -71090000 - (rand(2) % 60) * 913,
    concat(toString(v % 10), char(65 + intDiv(v, 10) % 26), char(65 + intDiv(v, 260) % 26), char(65 + intDiv(v, 6760) % 26), leftPad(toString(intDiv(v, 175760) % 1000), 3, '0')) AS plate,
    ['MA', 'NH', 'NY', 'CT', 'RI', ''][1 + if(v % 10 < 7, 0, v % 6)], 90 + rand(5) % 10,
    toUInt16(10000 - pow(rand(6) / 4294967295.0, 6) * 4000),
    arrayMap(i -> concat(substring(plate, 1, i), char(65 + (v + i) % 26), substring(plate, i + 2)), range(if(rand(7) % 100 < 30, rand(8) % 3 + 1, 0))) AS others,
    arrayMap(other -> toUInt8(rand(9) % 20), others),
    1 + rand(10) % 2, 300 + rand(11) % 3000, 'receive', concat('e7f3a9-', camera), toUInt32(intDiv(place, 60)),
    toUInt32(intDiv(place, 10000)) + 1, toUInt32((place % 10000) * 52000 + rand(12) % 4000),
    rand(13), rand64(14), 'detector-1+reader-1', toUInt32(intDiv(place * 60, ${total}))
    FROM (SELECT toUInt64(${day * rowsOfDay} + rand(15) / 4294967296 * ${rowsOfDay}) AS place,
      cityHash64(intDiv((rand64(3) % ${vehicles}) * (rand64(4) % ${vehicles}), ${vehicles})) AS v FROM numbers_mt(${rows}))
    SETTINGS max_partitions_per_insert_block = 100, max_threads = 2, max_insert_threads = 2, max_memory_usage = 4000000000, log_queries = 0`;
}
