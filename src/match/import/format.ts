import type { Result } from '../../data/result.js';
import type { RawRow, RejectReason } from './row.js';

/** What one line of a file is: a row, nothing (blank, comment, header), or something to reject. */
type Parsed = Result<RawRow, RejectReason> | null;

/** Reads the lines of one file, in order. */
export interface RowFormat {
  parse(line: Buffer, number: number): Parsed;
  /** Why the file as a whole cannot be read, known after its first lines; `null` while nothing is wrong. */
  fault(): string | null;
  /** When the file itself says it was compiled. */
  compiledAtMs(): number | null;
}
