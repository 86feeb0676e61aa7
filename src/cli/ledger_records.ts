import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { decodeLine, type LedgerRecord } from '../ledger/record.js';
import { linesOf, segmentsOf } from '../ledger/segments.js';

/** A data directory may be given instead of the ledger folder in it. */
export function ledgerFolderOf(given: string): string {
  return existsSync(join(given, 'ledger')) ? join(given, 'ledger') : given;
}

/** Every record of a ledger's folder, in order; nothing is locked or changed. */
export function* recordsOf(folder: string): Iterable<LedgerRecord> {
  for (const { file } of segmentsOf(folder)) for (const { line } of linesOf(file)) yield decodeLine(line.toString());
}
