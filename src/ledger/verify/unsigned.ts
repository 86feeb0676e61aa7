import type { Walk } from './walk.js';
import { removed, Wrong } from './wrong.js';

/** What a writer never leaves unsigned, however it ended: more records than this, or records of one run over a longer time. */
const unsignedRecordsMax = 1000;
const unsignedMsMax = 60_000;

/** The unsigned records of one run of the writer: where they begin, by its monotonic clock. */
export interface UnsignedRun {
  readonly sequence: number;
  readonly monotonicMs: number;
}

/** @returns the run that an unsigned record belongs to. */
export function runOf(line: Buffer, sequence: number, before: UnsignedRun | null): UnsignedRun {
  const { action, ts_mono: monotonicMs } = JSON.parse(line.toString()) as { action: string; ts_mono: number };
  if (before === null || action === 'ledger.opened' || monotonicMs < before.monotonicMs)
    return { sequence, monotonicMs };
  if (monotonicMs - before.monotonicMs > unsignedMsMax)
    throw new Wrong(
      before.sequence,
      'unsigned',
      `records ${before.sequence} to ${sequence} were never signed, over ${Math.round((monotonicMs - before.monotonicMs) / 1000)} s`,
    );
  return before;
}

/** @param expected whether somebody who holds the key or a witness says that there is a ledger. */
export function checkSigned({ size, checkpoints }: Walk, expected: boolean): void {
  if (size === 0 && expected) throw removed(1, 'there is no record at all');
  if (size > 0 && checkpoints.length === 0)
    throw new Wrong(1, 'unsigned', `there are ${size} records, and not one of them was ever signed`);
  const signed = checkpoints.at(-1)?.size ?? 0;
  if (size - signed > unsignedRecordsMax)
    throw new Wrong(signed + 1, 'unsigned', `the last ${size - signed} records were never signed`);
}
