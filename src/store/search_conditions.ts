import { TupleParam } from '@clickhouse/client';
import { fail, ok, type Result } from '../data/result.js';
import { clickhouseTime } from './bulk_row.js';
import type { Params } from './clickhouse.js';
import type { Criteria, CriteriaFault } from './criteria.js';
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
export const kept = "captured_at > {kept_after:DateTime64(3, 'UTC')}";

/** Conditions of a search, shared by every kind. `keptAfterMs` is the retention bound. */
export function compile(criteria: Criteria, keptAfterMs: number): Compiled {
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
  if ('polygon' in area) {
    return [
      'isNotNull(latitude_e6) AND isNotNull(longitude_e6) AND ' +
        'pointInPolygon((assumeNotNull(longitude_e6) / 1e6, assumeNotNull(latitude_e6) / 1e6), {polygon:Array(Tuple(Float64, Float64))})',
      { polygon: area.polygon.map(([latitude, longitude]) => new TupleParam([longitude, latitude])) },
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
