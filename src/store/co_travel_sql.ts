import { TupleParam } from '@clickhouse/client';
import { clickhouseTime } from './bulk_row.js';
import type { Criteria } from './criteria.js';
import { compile, kept, type Query } from './search_conditions.js';

/** One pass of the plate that company is looked for. */
export interface Pass {
  readonly camera: string;
  readonly at_ms: number;
}

/** Where the plate itself was, newest first. */
export function passesQuery(
  criteria: Extract<Criteria, { kind: 'co_travel' }>,
  keptAfterMs: number,
  rows: number,
): Query {
  const { conditions, params } = conditionsOf(criteria, keptAfterMs);
  return {
    sql: `SELECT camera, toUnixTimestamp64Milli(captured_at) AS at_ms FROM platestream.reads
      WHERE plate = {plate:String} AND ${conditions.join(' AND ')} ORDER BY captured_at DESC LIMIT {rows:UInt32}`,
    params: { ...params, plate: criteria.plate, rows: rows + 1 },
  };
}

const bucketMs = 600_000;

/**
 * Everybody else within the seconds around those passes. The ten minutes that hold them are one sorted set over (camera, time), which is
 * how rows lie, so that each granule is looked up in it; the exact seconds are for the few rows found. One range a pass, joined by OR,
 * tried every granule against every range (measured: docs/search.md).
 */
export function companyQuery(
  criteria: Extract<Criteria, { kind: 'co_travel' }>,
  keptAfterMs: number,
  passes: readonly Pass[],
): Query {
  const windows = passes.map((pass) => windowAround(pass, criteria.withinSeconds * 1000));
  const window = ({ camera, fromMs, toMs }: Window) =>
    new TupleParam([camera, clickhouseTime(fromMs), clickhouseTime(toMs)]);
  return {
    sql: `SELECT plate, uniqExact(camera) AS cameras, count() AS reads, toUnixTimestamp64Milli(min(captured_at)) AS first_seen_ms,
      toUnixTimestamp64Milli(max(captured_at)) AS last_seen_ms
      FROM platestream.reads WHERE ${kept}
      AND (camera, toStartOfTenMinutes(captured_at)) IN {buckets:Array(Tuple(String, DateTime('UTC')))}
      AND arrayExists(near -> near.1 = camera AND captured_at BETWEEN near.2 AND near.3,
        {windows:Array(Tuple(String, DateTime64(3, 'UTC'), DateTime64(3, 'UTC')))})
      AND plate != {plate:String}
      GROUP BY plate HAVING cameras >= {cameras_min:UInt32} ORDER BY cameras DESC, reads DESC, plate LIMIT {rows:UInt32}`,
    params: {
      kept_after: clickhouseTime(keptAfterMs),
      plate: criteria.plate,
      cameras_min: criteria.camerasMin,
      rows: criteria.pageRows + 1,
      buckets: bucketsOf(windows),
      windows: windows.map(window),
    },
  };
}

interface Window {
  readonly camera: string;
  readonly fromMs: number;
  readonly toMs: number;
}

function windowAround({ camera, at_ms }: Pass, withinMs: number): Window {
  return { camera, fromMs: Number(at_ms) - withinMs, toMs: Number(at_ms) + withinMs };
}

function bucketsOf(windows: readonly Window[]): TupleParam[] {
  const buckets = new Map<string, TupleParam>();
  for (const { camera, fromMs, toMs } of windows) {
    for (let at = fromMs - (fromMs % bucketMs); at <= toMs; at += bucketMs) {
      const start = clickhouseTime(at).slice(0, 'YYYY-MM-DD hh:mm:ss'.length);
      buckets.set(`${camera} ${start}`, new TupleParam([camera, start]));
    }
  }
  return [...buckets.values()];
}

/** Co-travel has no look-alikes to expand, so its conditions cannot fail. */
function conditionsOf(criteria: Extract<Criteria, { kind: 'co_travel' }>, keptAfterMs: number) {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) throw new Error(`broken invariant: ${compiled.error.message}`);
  return compiled.value;
}
