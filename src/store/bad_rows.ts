import { hash } from 'node:crypto';
import { badRowReason } from './clickhouse.js';
import type { SpooledBatch } from './read_spool.js';
import { linesOf } from './spooled_lines.js';

/** A batch or a part of one, with a token of its own. */
export type Piece = Pick<SpooledBatch, 'rows' | 'body' | 'token'>;

export interface BadRow {
  readonly line: string;
  /** As the engine names the error, without any value of the row. */
  readonly reason: string;
}

export interface SortedOut {
  readonly stored: number;
  readonly bad: readonly BadRow[];
}

/** So many rows of one batch are looked for one by one; beyond that a part which is refused is bad as a whole: the fault is not a row's. */
const badRowsMax = 100;

/**
 * Writes a batch; where the engine refuses it for its rows, each half of it, and so on: one bad row keeps no other out. About
 * 2 log2(rows) writes a bad row.
 *
 * @param write stores a piece and returns its number of rows; an error that is not about the rows ends it all (thrown on).
 */
export async function sortOut(batch: Piece, write: (piece: Piece) => Promise<number>): Promise<SortedOut> {
  const waiting = [batch];
  const bad: BadRow[] = [];
  let stored = 0;
  for (let piece = waiting.pop(); piece; piece = waiting.pop()) {
    try {
      stored += await write(piece);
    } catch (error) {
      const reason = badRowReason(error);
      if (reason === null) throw error;
      const lines = linesOf(piece);
      if (lines.length <= 1 || bad.length >= badRowsMax) bad.push(...lines.map((line) => ({ line, reason })));
      else waiting.push(...halvesOf(batch.token, lines));
    }
  }
  return { stored, bad };
}

/** The first half last: it is taken next. A token is made of the rows it stands for, which may be cut otherwise another time. */
function halvesOf(token: string, lines: readonly string[]): Piece[] {
  const middle = lines.length >> 1;
  return [lines.slice(middle), lines.slice(0, middle)].map((half) => {
    const body = Buffer.from(`${half.join('\n')}\n`);
    return { rows: half.length, body, token: `${token}-${hash('sha256', body, 'hex').slice(0, 32)}` };
  });
}
