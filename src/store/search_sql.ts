import { ok, type Result } from '../data/result.js';
import { clickhouseTime } from './bulk_row.js';
import type { Criteria, CriteriaFault, ReadsCriteria } from './criteria.js';
import type { Cursor } from './cursor.js';
import { compile, kept, type Query } from './search_conditions.js';

const readColumns = `toUnixTimestamp64Milli(captured_at) AS captured_at_ms, camera, latitude_e6, longitude_e6, plate, state,
  state_confidence_percent, confidence_e4, alternative_plates, alternative_percents, direction, dwell_ms, capture_clock, pass_run,
  pass_number, image_pack, image_offset,
  concat(leftPad(lower(hex(evidence_digest_high)), 8, '0'), leftPad(lower(hex(evidence_digest_low)), 16, '0')) AS evidence_digest,
  model, list_version`;

/** Rows after `cursor` in the asked order; one row more than the page, so that the end is known and not guessed. */
export function readsQuery(
  criteria: ReadsCriteria,
  keptAfterMs: number,
  rows: number,
  cursor: Cursor | null,
): Result<Query, CriteriaFault> {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) return compiled;
  const { conditions, params } = compiled.value;
  const [direction, compare] = criteria.order === 'newest' ? ['DESC', '<'] : ['ASC', '>'];
  const after = cursor
    ? [
        // The first half lets whole partitions be skipped; the tuple is exact.
        `captured_at ${compare}= {after_at:DateTime64(3, 'UTC')}`,
        `(captured_at, camera, pass_run, pass_number) ${compare} ({after_at:DateTime64(3, 'UTC')}, {after_camera:String}, {after_run:String}, {after_number:UInt32})`,
      ]
    : [];
  return ok({
    sql: `SELECT ${readColumns} FROM platestream.reads WHERE ${[...conditions, ...after].join(' AND ')}
      ORDER BY captured_at ${direction}, camera ${direction}, pass_run ${direction}, pass_number ${direction} LIMIT {rows:UInt32}`,
    params: {
      ...params,
      rows: rows + 1,
      ...(cursor && {
        after_at: clickhouseTime(cursor.capturedAtMs),
        after_camera: cursor.camera,
        after_run: cursor.run,
        after_number: cursor.number,
      }),
    },
  });
}

export function platesQuery(
  criteria: Extract<Criteria, { kind: 'plates' }>,
  keptAfterMs: number,
): Result<Query, CriteriaFault> {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) return compiled;
  return ok({
    sql: `SELECT plate, toUnixTimestamp64Milli(min(captured_at)) AS first_seen_ms, toUnixTimestamp64Milli(max(captured_at)) AS last_seen_ms,
      count() AS reads, uniqExact(camera) AS cameras, groupUniqArray(5)(state) AS states
      FROM platestream.reads WHERE ${compiled.value.conditions.join(' AND ')}
      GROUP BY plate ORDER BY reads DESC, plate LIMIT {rows:UInt32}`,
    params: { ...compiled.value.params, rows: criteria.pageRows + 1 },
  });
}

export function hoursQuery(
  criteria: Extract<Criteria, { kind: 'hours' }>,
  keptAfterMs: number,
): Result<Query, CriteriaFault> {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) return compiled;
  const camera = criteria.byCamera ? 'camera' : "''";
  return ok({
    sql: `SELECT toUnixTimestamp(toStartOfHour(captured_at)) * 1000 AS hour_ms, ${camera} AS at_camera, count() AS reads, uniqExact(plate) AS plates
      FROM platestream.reads WHERE ${compiled.value.conditions.join(' AND ')}
      GROUP BY hour_ms, at_camera ORDER BY hour_ms, at_camera`,
    params: compiled.value.params,
  });
}

/** One read by its id and its moment, which is in one partition and near one place. */
export function oneReadQuery(read: { run: string; number: number; capturedAtMs: number }, keptAfterMs: number): Query {
  return {
    sql: `SELECT ${readColumns} FROM platestream.reads WHERE ${kept} AND captured_at = {at:DateTime64(3, 'UTC')}
      AND pass_run = {run:String} AND pass_number = {number:UInt32} LIMIT 1`,
    params: {
      kept_after: clickhouseTime(keptAfterMs),
      at: clickhouseTime(read.capturedAtMs),
      run: read.run,
      number: read.number,
    },
  };
}

/** What a case keeps, oldest first: no retention applies to it [IV.F.2]. */
export function heldQuery(caseNumber: string): Query {
  return {
    sql: `SELECT ${readColumns} FROM platestream.held_reads WHERE case_number = {case_number:String}
      ORDER BY captured_at, camera, pass_run, pass_number`,
    params: { case_number: caseNumber },
  };
}

/** How many reads a search comes to, and the reads themselves as one file in a format of ClickHouse's own. */
export function fileQueries(
  criteria: ReadsCriteria,
  keptAfterMs: number,
  rows: number,
): Result<{ readonly count: Query; readonly file: Query }, CriteriaFault> {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) return compiled;
  const { conditions, params } = compiled.value;
  const from = `FROM platestream.reads WHERE ${conditions.join(' AND ')}`;
  return ok({
    count: { sql: `SELECT count() AS n ${from}`, params },
    file: {
      sql: `SELECT ${readColumns} ${from} ORDER BY captured_at, camera, pass_run, pass_number LIMIT {rows:UInt32} FORMAT Parquet`,
      params: { ...params, rows },
    },
  });
}
