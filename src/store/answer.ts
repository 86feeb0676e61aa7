import type { FoundRow } from '../data/found.js';
import type { Warehouse } from './clickhouse.js';
import { companyQuery, type Pass, passesQuery } from './co_travel_sql.js';
import type { Criteria, CriteriaFault } from './criteria.js';
import { type Cursor, cursorText, parseCursor } from './cursor.js';
import {
  type CompanyRow,
  companyOf,
  type HourRow,
  hourOf,
  type PlateRow,
  plateOf,
  type ReadRow,
  readOf,
} from './found_rows.js';
import type { Query } from './search_conditions.js';
import { hoursQuery, platesQuery, readsQuery } from './search_sql.js';

export interface FailedSearch {
  readonly kind: 'failed';
  readonly code: CriteriaFault['code'] | 'STORE_UNAVAILABLE';
  readonly message: string;
}

/** Passes of the plate that co-travel looks around; more are refused as too wide. */
const passesMax = 300;

export type Answer =
  | { readonly rows: readonly FoundRow[]; readonly complete: boolean; readonly cursor: string | null }
  | FailedSearch;

/** One page of an answer, without the receipt: below the door that asks for it. */
export async function ask(warehouse: Warehouse, criteria: Criteria, keptAfterMs: number): Promise<Answer> {
  switch (criteria.kind) {
    case 'reads':
      return askReads(warehouse, criteria, keptAfterMs);
    case 'plates': {
      const query = platesQuery(criteria, keptAfterMs);
      return query.ok
        ? firstRows(await rowsFor<PlateRow>(warehouse, query.value), criteria.pageRows, plateOf)
        : failed(query.error);
    }
    case 'hours': {
      const query = hoursQuery(criteria, keptAfterMs);
      return query.ok
        ? firstRows(await rowsFor<HourRow>(warehouse, query.value), Number.POSITIVE_INFINITY, hourOf)
        : failed(query.error);
    }
    case 'co_travel':
      return askCompany(warehouse, criteria, keptAfterMs);
  }
}

export function rowsFor<Row>(warehouse: Warehouse, { sql, params }: Query): Promise<Row[]> {
  return warehouse.search<Row>(sql, params);
}

function failed(fault: CriteriaFault): Answer {
  return { kind: 'failed', ...fault };
}

function firstRows<Row>(rows: readonly Row[], max: number, toRow: (row: Row) => FoundRow): Answer {
  return { rows: rows.slice(0, max).map(toRow), complete: rows.length <= max, cursor: null };
}

async function askReads(
  warehouse: Warehouse,
  criteria: Extract<Criteria, { kind: 'reads' }>,
  keptAfterMs: number,
): Promise<Answer> {
  const cursor = criteria.cursor === undefined ? null : parseCursor(criteria.cursor);
  if (criteria.cursor !== undefined && cursor === null)
    return failed({ code: 'CURSOR_INVALID', message: 'cursor: not one this search gave' });
  const query = readsQuery(criteria, keptAfterMs, criteria.pageRows, cursor);
  if (!query.ok) return failed(query.error);
  const found = await rowsFor<ReadRow>(warehouse, query.value);
  const rows = found.slice(0, criteria.pageRows);
  const last = rows.at(-1);
  const complete = found.length <= criteria.pageRows;
  return { rows: rows.map(readOf), complete, cursor: complete || !last ? null : cursorText(placeOf(last)) };
}

async function askCompany(
  warehouse: Warehouse,
  criteria: Extract<Criteria, { kind: 'co_travel' }>,
  keptAfterMs: number,
): Promise<Answer> {
  const passes = await rowsFor<Pass>(warehouse, passesQuery(criteria, keptAfterMs, passesMax));
  if (passes.length === 0) return { rows: [], complete: true, cursor: null };
  const around = passes.slice(0, passesMax);
  const answer = firstRows(
    await rowsFor<CompanyRow>(warehouse, companyQuery(criteria, keptAfterMs, around)),
    criteria.pageRows,
    companyOf,
  );
  return 'rows' in answer ? { ...answer, complete: answer.complete && passes.length <= passesMax } : answer;
}

function placeOf(row: ReadRow): Cursor {
  return { capturedAtMs: Number(row.captured_at_ms), camera: row.camera, run: row.pass_run, number: row.pass_number };
}
