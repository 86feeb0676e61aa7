import { fail, ok, type Result } from '../data/result.js';
import { clickhouseTime } from './bulk_row.js';
import type { Params } from './clickhouse.js';
import type { Criteria, CriteriaFault, ReadsCriteria } from './criteria.js';
import { equivalentPattern, equivalents } from './ocr_equivalents.js';

/** A query whose text holds only our own words; everything asked is a parameter. */
export interface Query {
  readonly sql: string;
  readonly params: Params;
}

type Compiled = Result<
  { readonly conditions: readonly string[]; readonly params: Record<string, unknown> },
  CriteriaFault
>;

const equivalentsMax = 4_096;

/** What each search has, whoever asks: nothing at or past retention [IV.F.1]. */
const kept = "captured_at > {kept_after:DateTime64(3, 'UTC')}";

const readColumns = `toUnixTimestamp64Milli(captured_at) AS captured_at_ms, camera, latitude_e6, longitude_e6, plate, state,
  state_confidence_percent, confidence_e4, alternative_plates, alternative_percents, direction, dwell_ms, capture_clock, pass_run,
  pass_number, image_pack, image_offset, leftPad(lower(hex(evidence_digest)), 32, '0') AS evidence_digest, model, list_version`;

/** Conditions of a search, shared by every kind. `keptAfterMs` is the retention bound. */
function compile(criteria: Criteria, keptAfterMs: number): Compiled {
  const conditions = [kept];
  const params: Record<string, unknown> = { kept_after: clickhouseTime(keptAfterMs) };
  const add = (condition: string, values: Record<string, unknown>) => {
    conditions.push(condition);
    Object.assign(params, values);
  };
  const { fromMs, toMs, state, cameras, area, confidenceMin } = criteria;
  if (fromMs !== undefined) add("captured_at >= {from:DateTime64(3, 'UTC')}", { from: clickhouseTime(fromMs) });
  if (toMs !== undefined) add("captured_at < {to:DateTime64(3, 'UTC')}", { to: clickhouseTime(toMs) });
  if (state !== undefined) add('state = {state:String}', { state });
  if (cameras !== undefined) add('camera IN {cameras:Array(String)}', { cameras });
  if (confidenceMin !== undefined)
    add('confidence_e4 >= {confidence:UInt16}', { confidence: Math.round(confidenceMin * 10_000) });
  if (area !== undefined) add(...areaCondition(area));
  if (criteria.kind === 'co_travel') return ok({ conditions, params });
  const plate = plateCondition(criteria);
  if (!plate.ok) return plate;
  if (plate.value) add(...plate.value);
  return ok({ conditions, params });
}

type Condition = [string, Record<string, unknown>];

function areaCondition(area: NonNullable<Criteria['area']>): Condition {
  if ('radiusMetres' in area) {
    return [
      'greatCircleDistance(longitude_e6 / 1e6, latitude_e6 / 1e6, {longitude:Float64}, {latitude:Float64}) <= {metres:Float64}',
      { longitude: area.longitude, latitude: area.latitude, metres: area.radiusMetres },
    ];
  }
  const e6 = (value: number) => Math.round(value * 1e6);
  return [
    'latitude_e6 BETWEEN {south:Int32} AND {north:Int32} AND longitude_e6 BETWEEN {west:Int32} AND {east:Int32}',
    { south: e6(area.south), north: e6(area.north), west: e6(area.west), east: e6(area.east) },
  ];
}

function plateCondition(criteria: Exclude<Criteria, { kind: 'co_travel' }>): Result<Condition | null, CriteriaFault> {
  const { plate, wildcard, plates, ocrEquivalents, alternatives } = criteria;
  if (wildcard !== undefined) {
    const [test, value] = ocrEquivalents
      ? (['match(%, {pattern:String})', equivalentPattern(wildcard)] as const)
      : (['% LIKE {pattern:String}', wildcard.replaceAll('?', '_').replaceAll('*', '%')] as const);
    const own = test.replace('%', 'plate');
    const other = `arrayExists(other -> ${test.replace('%', 'other')}, alternative_plates)`;
    return ok([alternatives ? `(${own} OR ${other})` : own, { pattern: value }]);
  }
  const asked = plates ?? (plate === undefined ? null : [plate]);
  if (asked === null) return ok(null);
  const texts = ocrEquivalents ? asked.map((text) => equivalents(text, equivalentsMax)) : asked.map((text) => [text]);
  const all = texts.some((t) => t === null) ? null : [...new Set(texts.flatMap((t) => t ?? []))];
  if (all === null || all.length > equivalentsMax) {
    return fail({
      code: 'TOO_MANY_EQUIVALENTS',
      message: `plates with more than ${equivalentsMax} look-alike texts; ask for fewer plates or without look-alikes`,
    });
  }
  const own = 'plate IN {plates:Array(String)}';
  return ok([alternatives ? `(${own} OR hasAny(alternative_plates, {plates:Array(String)}))` : own, { plates: all }]);
}

export interface Cursor {
  readonly capturedAtMs: number;
  readonly camera: string;
  readonly run: string;
  readonly number: number;
}

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

/** Everybody else within the seconds around those passes: one narrow range of (camera, time) per pass, which is how rows lie. */
export function companyQuery(
  criteria: Extract<Criteria, { kind: 'co_travel' }>,
  keptAfterMs: number,
  passes: readonly Pass[],
): Query {
  const params: Record<string, unknown> = {
    kept_after: clickhouseTime(keptAfterMs),
    plate: criteria.plate,
    cameras_min: criteria.camerasMin,
    rows: criteria.pageRows + 1,
  };
  const ranges = passes.map(({ camera, at_ms }, i) => {
    params[`c${i}`] = camera;
    params[`f${i}`] = clickhouseTime(Number(at_ms) - criteria.withinSeconds * 1000);
    params[`t${i}`] = clickhouseTime(Number(at_ms) + criteria.withinSeconds * 1000);
    return `(camera = {c${i}:String} AND captured_at BETWEEN {f${i}:DateTime64(3, 'UTC')} AND {t${i}:DateTime64(3, 'UTC')})`;
  });
  return {
    sql: `SELECT plate, uniqExact(camera) AS cameras, count() AS reads, toUnixTimestamp64Milli(min(captured_at)) AS first_seen_ms,
      toUnixTimestamp64Milli(max(captured_at)) AS last_seen_ms
      FROM platestream.reads WHERE ${kept} AND (${ranges.join(' OR ')}) AND plate != {plate:String}
      GROUP BY plate HAVING cameras >= {cameras_min:UInt32} ORDER BY cameras DESC, reads DESC, plate LIMIT {rows:UInt32}`,
    params,
  };
}

/** Co-travel has no look-alikes to expand, so its conditions cannot fail. */
function conditionsOf(criteria: Extract<Criteria, { kind: 'co_travel' }>, keptAfterMs: number) {
  const compiled = compile(criteria, keptAfterMs);
  if (!compiled.ok) throw new Error(`broken invariant: ${compiled.error.message}`);
  return compiled.value;
}
