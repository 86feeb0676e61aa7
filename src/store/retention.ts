import { fail, ok, type Result } from '../data/result.js';
import type { Clock } from '../observe/clock.js';
import type { Warehouse } from './clickhouse.js';
import type { HeldReads } from './held_reads.js';
import type { ImagePacks } from './images.js';
import { dayMs, neverDeletedYoungerThanDays, startOfDayMs } from './retention_days.js';
import { localSuffix, type Topology } from './schema/engine.js';

/** What one run deleted, for the ledger (which signs it) and the monthly statement [IV.F.1, IV.F.3]. */
export interface DeletionReport {
  readonly atMs: number;
  readonly retentionDays: number;
  readonly dropped: readonly DroppedDay[];
  /** Capture time of the oldest row left; null: none. */
  readonly oldestLeftMs: number | null;
  /** Why the run ended before all that was due was dropped; null: all was. */
  readonly stopped: RetentionRefusal | null;
}

interface DroppedDay {
  readonly partition: string;
  readonly rows: number;
  readonly oldestMs: number | null;
  readonly youngestMs: number | null;
  readonly imageBytes: number;
  readonly holds: readonly string[];
}

export interface RetentionRefusal {
  readonly code: 'CLOCK_JUMPED' | 'TOO_MANY_DUE' | 'RETENTION_MINIMUM' | 'NOT_PERMITTED';
  readonly message: string;
}

/** Reads that a case keeps: copied out of a day before it is dropped [IV.F.2]. */
export interface Hold {
  readonly caseNumber: string;
  readonly readIds: readonly string[];
}

interface RunOptions {
  /** A person has said that the clock is right, and that more than two days at once are really due (after a long outage). */
  readonly confirmed?: boolean;
  /** Asked before each day; a failure says why it stays, and ends the run. */
  readonly permit?: (day: string, rows: number, daysDue: number) => Promise<Result<null, string>>;
}

export interface Retention {
  run(options?: RunOptions): Promise<Result<DeletionReport, RetentionRefusal>>;
}

const clockToleranceMs = 5 * 60_000;
const daysAtOnceMax = 2;

/**
 * TTL is a backstop that runs on the engine's own clock, and a wrong clock must not delete what retention keeps: it is allowed only
 * while that clock agrees with ours and ours has not jumped.
 */
export async function allowBackstop(
  warehouse: Warehouse,
  clock: Clock,
  topology: Topology,
  trusted = true,
): Promise<boolean> {
  const [row] = await warehouse.query<{ now: string }>('SELECT toUnixTimestamp64Milli(now64(3)) AS now');
  const agrees = trusted && Math.abs(Number(row?.now) - clock.nowMs()) <= clockToleranceMs;
  await warehouse.command(`SYSTEM ${agrees ? 'START' : 'STOP'} TTL MERGES platestream.reads${localSuffix(topology)}`);
  return agrees;
}

export function createRetention(parts: {
  readonly warehouse: Warehouse;
  readonly images: ImagePacks;
  readonly held: HeldReads;
  readonly clock: Clock;
  readonly topology: Topology;
  readonly retentionDays: () => number;
  readonly holds: () => readonly Hold[];
  readonly exclusive: <Value>(work: () => Promise<Value>) => Promise<Value>;
}): Retention {
  const { warehouse, images, clock } = parts;
  const table = `platestream.reads${localSuffix(parts.topology)}`;
  const onCluster = parts.topology.cluster ? ` ON CLUSTER '${parts.topology.cluster}'` : '';
  let anchor = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };

  /** The wall clock may not have moved otherwise than time did. */
  function clockJump(): RetentionRefusal | null {
    const expected = anchor.nowMs + (clock.monotonicMs() - anchor.monotonicMs);
    const jumpMs = clock.nowMs() - expected;
    if (Math.abs(jumpMs) <= clockToleranceMs) {
      anchor = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
      return null;
    }
    return {
      code: 'CLOCK_JUMPED',
      message: `the clock moved by ${Math.round(jumpMs / 1000)} s against elapsed time; nothing is deleted until it is right again`,
    };
  }

  async function storedDays(): Promise<string[]> {
    const found = await warehouse.query<{ day: string }>(
      // By the partition's own expression: answered from the list of parts, whatever lies in them.
      `SELECT toString(toDate(captured_at)) AS day, count() AS rows FROM platestream.reads GROUP BY toDate(captured_at) ORDER BY day SETTINGS log_queries = 0`,
    );
    return found.map((row) => row.day);
  }

  async function facts(day: string) {
    const [row] = await warehouse.query<{ rows: string; oldest: string; youngest: string }>(
      `SELECT count() AS rows, toUnixTimestamp64Milli(min(captured_at)) AS oldest, toUnixTimestamp64Milli(max(captured_at)) AS youngest
       FROM platestream.reads WHERE toDate(captured_at) = {day:Date}`,
      { day },
    );
    const rows = Number(row?.rows ?? 0);
    return { rows, oldestMs: rows ? Number(row?.oldest) : null, youngestMs: rows ? Number(row?.youngest) : null };
  }

  /** @returns the cases that now keep reads of that day; rejects unless every one of those is kept. */
  async function copyHeld(day: string): Promise<string[]> {
    const cases: string[] = [];
    for (const hold of parts.holds()) {
      const { preserved } = await parts.held.preserve(hold.caseNumber, hold.readIds, day);
      if (preserved > 0) cases.push(hold.caseNumber);
    }
    return cases;
  }

  async function dropDay(day: string, before: Awaited<ReturnType<typeof facts>>): Promise<DroppedDay> {
    const holds = await copyHeld(day);
    await warehouse.command(`ALTER TABLE ${table}${onCluster} DROP PARTITION '${day}'`);
    const { bytes } = await images.dropDay(day);
    return { partition: day, ...before, imageBytes: bytes, holds };
  }

  async function oldestLeft(): Promise<number | null> {
    const [row] = await warehouse.query<{ rows: string; oldest: string }>(
      'SELECT count() AS rows, toUnixTimestamp64Milli(min(captured_at)) AS oldest FROM platestream.reads',
    );
    return Number(row?.rows ?? 0) > 0 ? Number(row?.oldest) : null;
  }

  return {
    run: ({ confirmed = false, permit } = {}) =>
      parts.exclusive(async () => {
        if (confirmed) anchor = { nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
        const jumped = clockJump();
        await allowBackstop(warehouse, clock, parts.topology, jumped === null);
        if (jumped) return fail(jumped);
        const nowMs = clock.nowMs();
        const retentionDays = parts.retentionDays();
        const days = [...new Set([...(await storedDays()), ...images.days()])].sort();
        const due = days.filter((day) => isDue(day, nowMs, retentionDays));
        if (due.length > daysAtOnceMax && !confirmed) {
          return fail({
            code: 'TOO_MANY_DUE',
            message: `${due.length} days are due at once (at most ${daysAtOnceMax} without confirmation): is the clock right?`,
          });
        }
        const dropped: DroppedDay[] = [];
        let stopped: RetentionRefusal | null = null;
        for (const day of due) {
          if (youngestAgeMs(day, nowMs) < neverDeletedYoungerThanDays * dayMs) {
            return fail({
              code: 'RETENTION_MINIMUM',
              message: `${day} has reads younger than ${neverDeletedYoungerThanDays} days`,
            });
          }
          const before = await facts(day);
          const permitted = permit ? await permit(day, before.rows, due.length) : ok(null);
          if (!permitted.ok) {
            stopped = { code: 'NOT_PERMITTED', message: permitted.error };
            break;
          }
          dropped.push(await dropDay(day, before));
        }
        return ok({ atMs: nowMs, retentionDays, dropped, oldestLeftMs: await oldestLeft(), stopped });
      }),
  };
}

/** A day is due when its first moment is `retentionDays` old: its oldest row then is that old and its youngest a day younger. */
export function isDue(day: string, nowMs: number, retentionDays: number): boolean {
  return nowMs >= startOfDayMs(day) + retentionDays * dayMs;
}

function youngestAgeMs(day: string, nowMs: number): number {
  return nowMs - (startOfDayMs(day) + dayMs);
}
