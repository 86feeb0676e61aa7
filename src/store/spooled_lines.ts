import { columns, joinPassId } from './bulk_row.js';
import type { SpooledBatch } from './read_spool.js';

const runColumn = columns.indexOf('pass_run');
const numberColumn = columns.indexOf('pass_number');
const timeColumn = columns.indexOf('captured_at');

/** A batch's rows as text, one each. */
export function linesOf({ body }: Pick<SpooledBatch, 'body'>): readonly string[] {
  return body.length === 0 ? [] : body.toString('utf8').slice(0, -1).split('\n');
}

export interface SpooledPass {
  readonly run: string;
  readonly number: number;
  /** As the store writes times: `YYYY-MM-DD hh:mm:ss.mmm`, UTC; earlier sorts first. */
  readonly capturedAt: string;
}

export function passOfLine(line: string): SpooledPass {
  const row = JSON.parse(line) as unknown[];
  return { run: row[runColumn] as string, number: row[numberColumn] as number, capturedAt: row[timeColumn] as string };
}

export function idOfLine(line: string): string {
  const { run, number } = passOfLine(line);
  return joinPassId(run, number);
}
