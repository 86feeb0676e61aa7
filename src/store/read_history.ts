import { createHash } from 'node:crypto';
import type { FoundEnd, FoundRead, FoundRow } from '../data/found.js';
import type { Receipt } from '../data/receipt.js';
import type { Clock } from '../observe/clock.js';
import { type Answer, ask, type FailedSearch, rowsFor } from './answer.js';
import { splitPassId } from './bulk_row.js';
import { describeFailure, type Warehouse } from './clickhouse.js';
import { type CriteriaFault, parseCriteria, type ReadsCriteria } from './criteria.js';
import { type ReadRow, readOf } from './found_rows.js';
import { oldestKeptMs } from './retention_days.js';
import { fileQueries, oneReadQuery } from './search_sql.js';
import type { StoreSettings } from './settings.js';

/** The last item of every search: how it ended, or why it has no rows. */
export type SearchEnd = FoundEnd | FailedSearch;

export type SearchItem = FoundRow | SearchEnd;

export interface ReadHistory {
  /**
   * Rows, then exactly one end marker. The whole page is in memory before its first row is given, so that its digest and count can
   * be in the ledger before anything is shown.
   */
  search(receipt: Receipt, criteria: unknown): AsyncIterable<SearchItem>;
  /** One read; null: there is none of that id at that moment, or it is past retention. */
  read(receipt: Receipt, readId: string, capturedAtMs: number): Promise<FoundRead | null>;
  /** The reads of a search, oldest first, as one Parquet file in memory. */
  parquet(receipt: Receipt, criteria: ReadsCriteria, rows: number): Promise<ParquetFile | CriteriaFault>;
}

interface ParquetFile {
  readonly bytes: Buffer;
  readonly rows: number;
  readonly complete: boolean;
}

export function createReadHistory(parts: {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly retentionDays: () => number;
  readonly limits: StoreSettings['search'];
  /** Parts that are set aside: while there are any, no answer is complete. */
  readonly damagedParts?: number;
}): ReadHistory {
  const keptAfter = () => oldestKeptMs(parts.clock.nowMs(), parts.retentionDays());
  return {
    async *search(receipt, input) {
      const parsed = parseCriteria(input, parts.limits);
      if (!parsed.ok) return yield { kind: 'failed', ...parsed.error };
      const keptAfterMs = keptAfter();
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
        complete: answer.complete && (parts.damagedParts ?? 0) === 0,
        cursor: answer.cursor,
        sha256: createHash('sha256').update(lines).digest('hex'),
        bytes: Buffer.byteLength(lines),
        keptAfterMs,
        receiptSequence: receipt.sequence,
      };
    },
    async read(_receipt, readId, capturedAtMs) {
      const query = oneReadQuery({ ...splitPassId(readId), capturedAtMs }, keptAfter());
      const [row] = await rowsFor<ReadRow>(parts.warehouse, query);
      return row ? readOf(row) : null;
    },
    async parquet(_receipt, criteria, rows) {
      const queries = fileQueries(criteria, keptAfter(), rows);
      if (!queries.ok) return queries.error;
      const { count, file } = queries.value;
      const [found] = await rowsFor<{ n: string }>(parts.warehouse, count);
      const bytes = await parts.warehouse.searchBytes(file.sql, file.params);
      return { bytes, rows: Math.min(rows, Number(found?.n ?? 0)), complete: Number(found?.n ?? 0) <= rows };
    },
  };
}
