import { z } from 'zod';

const retentionDaysMin = 15;
const retentionDaysMax = 30;
/** The youngest row of a dropped partition is a day younger than its oldest: 15 is the least that keeps everything 14 days. */
export const neverDeletedYoungerThanDays = 14;
export const dayMs = 86_400_000;

/** IV.F.1: not greater than thirty and not less than fourteen days, with partitions of one day. */
export const retentionDays = z.unknown().transform((value, context) => {
  if (Number.isInteger(value) && (value as number) >= retentionDaysMin && (value as number) <= retentionDaysMax) {
    return value as number;
  }
  context.addIssue({
    code: 'custom',
    message: `RETENTION_OUT_OF_RANGE: must be a whole number of days from ${retentionDaysMin} to ${retentionDaysMax} [IV.F.1], got ${String(value)}`,
  });
  return z.NEVER;
});

/** UTC day of a moment, `YYYY-MM-DD`: the name of its partition and of its image folder. */
export function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

export function startOfDayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** Rows captured at or before this moment are past retention: no query returns them. */
export function oldestKeptMs(nowMs: number, days: number): number {
  return nowMs - days * dayMs;
}
