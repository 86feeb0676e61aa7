import { createHash } from 'node:crypto';
import type { Receipt } from '../data/receipt.js';
import type { Clock } from '../observe/clock.js';
import { joinPassId } from './bulk_row.js';
import { describeFailure, type Warehouse } from './clickhouse.js';
import { type Criteria, type CriteriaFault, parseCriteria } from './criteria.js';
import type { ImagePlace } from './images.js';
import { dayOf, oldestKeptMs } from './retention_days.js';
import {
  type Cursor,
  companyQuery,
  hoursQuery,
  type Pass,
  passesQuery,
  platesQuery,
  type Query,
  readsQuery,
} from './search_sql.js';
import type { StoreSettings } from './settings.js';

/** A stored read, as a search shows it. */
export interface FoundRead {
  readonly kind: 'read';
  readonly readId: string;
  readonly capturedAtMs: number;
  readonly cameraId: string;
  readonly position: { readonly latitude: number; readonly longitude: number } | null;
  readonly plate: string;
  readonly state: string | null;
  readonly stateConfidence: number;
  readonly confidence: number;
  readonly alternatives: readonly { readonly text: string; readonly confidence: number }[];
  readonly direction: string;
  readonly dwellMs: number;
  readonly captureClock: string;
  /** Null: its images were not kept. */
  readonly image: ImagePlace | null;
  /** 128 bits, hex; see `evidenceDigest`. */
  readonly evidenceDigest: string;
  readonly model: string;
  readonly listVersion: number;
}

export type FoundRow =
  | FoundRead
  | {
      readonly kind: 'plate';
      readonly plate: string;
      readonly firstSeenMs: number;
      readonly lastSeenMs: number;
      readonly reads: number;
      readonly cameras: number;
      readonly states: readonly string[];
    }
  | {
      readonly kind: 'hour';
      readonly hourMs: number;
      readonly cameraId: string | null;
      readonly reads: number;
      readonly plates: number;
    }
  | {
      readonly kind: 'company';
      readonly plate: string;
      readonly cameras: number;
      readonly reads: number;
      readonly firstSeenMs: number;
      readonly lastSeenMs: number;
    };

/** The last item of every search. A list without it was cut off on its way: show it as incomplete. */
export type SearchEnd =
  | {
      readonly kind: 'end';
      readonly rows: number;
      /** False: there is more; ask again with `cursor` (null where a narrower question is the only way). */
      readonly complete: boolean;
      readonly cursor: string | null;
      /** Of the rows as canonical JSON lines, hex; the ledger's outcome record carries it. */
      readonly sha256: string;
      readonly bytes: number;
      readonly keptAfterMs: number;
      readonly receiptSequence: number;
    }
  | { readonly kind: 'failed'; readonly code: CriteriaFault['code'] | 'STORE_UNAVAILABLE'; readonly message: string };

export type SearchItem = FoundRow | SearchEnd;

export interface ReadHistory {
  /**
   * Rows, then exactly one end marker. The whole page is in memory before its first row is given, so that its digest and count can
   * be in the ledger before anything is shown.
   */
  search(receipt: Receipt, criteria: unknown): AsyncIterable<SearchItem>;
}

/** Passes of the plate that co-travel looks around; more are refused as too wide. */
const passesMax = 300;

export function createReadHistory(parts: {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly retentionDays: number;
  readonly limits: StoreSettings['search'];
}): ReadHistory {
  return {
    async *search(receipt, input) {
      const parsed = parseCriteria(input, parts.limits);
      if (!parsed.ok) return yield { kind: 'failed', ...parsed.error };
      const keptAfterMs = oldestKeptMs(parts.clock.nowMs(), parts.retentionDays);
      let answer: Answer;
      try {
        answer = await ask(parts.warehouse, parsed.value, keptAfterMs);
      } catch (error) {
        return yield {
          kind: 'failed',
          code: 'STORE_UNAVAILABLE',
          message: `the search did not finish: ${describeFailure(error)}`,
        };
      }
      if (!('rows' in answer)) return yield answer;
      const lines = answer.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      yield* answer.rows;
      yield {
        kind: 'end',
        rows: answer.rows.length,
        complete: answer.complete,
        cursor: answer.cursor,
        sha256: createHash('sha256').update(lines).digest('hex'),
        bytes: Buffer.byteLength(lines),
        keptAfterMs,
        receiptSequence: receipt.sequence,
      };
    },
  };
}

type Answer =
  | { readonly rows: readonly FoundRow[]; readonly complete: boolean; readonly cursor: string | null }
  | Extract<SearchEnd, { kind: 'failed' }>;

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

function rowsFor<Row>(warehouse: Warehouse, { sql, params }: Query): Promise<Row[]> {
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
  return { rows: rows.map(readOf), complete, cursor: complete || !last ? null : cursorAfter(last) };
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

interface ReadRow {
  readonly captured_at_ms: string | number;
  readonly camera: string;
  readonly latitude_e6: number | null;
  readonly longitude_e6: number | null;
  readonly plate: string;
  readonly state: string;
  readonly state_confidence_percent: number;
  readonly confidence_e4: number;
  readonly alternative_plates: readonly string[];
  readonly alternative_percents: readonly number[];
  readonly direction: string;
  readonly dwell_ms: number;
  readonly capture_clock: string;
  readonly pass_run: string;
  readonly pass_number: number;
  readonly image_pack: number;
  readonly image_offset: number;
  readonly evidence_digest: string;
  readonly model: string;
  readonly list_version: number;
}
interface PlateRow {
  plate: string;
  first_seen_ms: string;
  last_seen_ms: string;
  reads: string;
  cameras: string;
  states: string[];
}
interface HourRow {
  hour_ms: string;
  at_camera: string;
  reads: string;
  plates: string;
}
interface CompanyRow {
  plate: string;
  cameras: string;
  reads: string;
  first_seen_ms: string;
  last_seen_ms: string;
}

function readOf(row: ReadRow): FoundRead {
  const capturedAtMs = Number(row.captured_at_ms);
  const placed = row.latitude_e6 !== null && row.longitude_e6 !== null;
  return {
    kind: 'read',
    readId: joinPassId(row.pass_run, row.pass_number),
    capturedAtMs,
    cameraId: row.camera,
    position: placed
      ? { latitude: (row.latitude_e6 as number) / 1e6, longitude: (row.longitude_e6 as number) / 1e6 }
      : null,
    plate: row.plate,
    state: row.state || null,
    stateConfidence: row.state_confidence_percent / 100,
    confidence: row.confidence_e4 / 10_000,
    alternatives: row.alternative_plates.map((text, i) => ({
      text,
      confidence: (row.alternative_percents[i] ?? 0) / 100,
    })),
    direction: row.direction,
    dwellMs: row.dwell_ms,
    captureClock: row.capture_clock,
    image: row.image_pack === 0 ? null : { day: dayOf(capturedAtMs), pack: row.image_pack, offset: row.image_offset },
    evidenceDigest: row.evidence_digest,
    model: row.model,
    listVersion: row.list_version,
  };
}

function plateOf(row: PlateRow): FoundRow {
  return {
    kind: 'plate',
    plate: row.plate,
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
    reads: Number(row.reads),
    cameras: Number(row.cameras),
    states: row.states.filter((s) => s !== '').sort(),
  };
}

function hourOf(row: HourRow): FoundRow {
  return {
    kind: 'hour',
    hourMs: Number(row.hour_ms),
    cameraId: row.at_camera || null,
    reads: Number(row.reads),
    plates: Number(row.plates),
  };
}

function companyOf(row: CompanyRow): FoundRow {
  return {
    kind: 'company',
    plate: row.plate,
    cameras: Number(row.cameras),
    reads: Number(row.reads),
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
  };
}

function cursorAfter(row: ReadRow): string {
  return Buffer.from(JSON.stringify([Number(row.captured_at_ms), row.camera, row.pass_run, row.pass_number])).toString(
    'base64url',
  );
}

/** Strangers can write a cursor, so its parts are checked and then bound like any other value. */
function parseCursor(text: string): Cursor | null {
  try {
    const [capturedAtMs, camera, run, number] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (!Number.isSafeInteger(capturedAtMs) || !Number.isInteger(number)) return null;
    if ((capturedAtMs as number) < 0 || (capturedAtMs as number) > Date.UTC(2100, 0, 1)) return null;
    if ((number as number) < 0 || (number as number) > 0xffff_ffff) return null;
    if (typeof camera !== 'string' || typeof run !== 'string') return null;
    return { capturedAtMs: capturedAtMs as number, camera, run, number: number as number };
  } catch {
    return null;
  }
}
