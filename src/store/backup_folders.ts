import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../observe/log.js';

const dayOfName = /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/g;

/**
 * Backups are copies of reads, and no copy may outlive them [IV.F.1]. The program makes none; where a department does, each file or folder in a
 * backup folder holds the reads of one day, which its name says (`reads-2026-11-24.tar`), and goes when that day does. What names no day is
 * nobody's to delete and nobody's to keep: it is left, counted and told.
 * @param oldestKeptMs what was captured until then goes
 * @returns how many entries went
 */
export function forgetBackups(folders: readonly string[], oldestKeptMs: number, log: Log): number {
  return folders.reduce((went, folder) => went + forgetIn(folder, oldestKeptMs, log), 0);
}

function forgetIn(folder: string, oldestKeptMs: number, log: Log): number {
  const names = listed(folder, log);
  const nameless = names.filter((name) => dayMsOf(name) === null);
  if (nameless.length > 0)
    log.error({ folder, entries: nameless.length, reason: 'no day in the name' }, 'backups refused');
  const over = names.filter((name) => (dayMsOf(name) ?? Number.POSITIVE_INFINITY) <= oldestKeptMs);
  for (const name of over) rmSync(join(folder, name), { recursive: true, force: true });
  return over.length;
}

/** A volume that is not mounted has nothing that could be deleted now; the next run looks again. */
function listed(folder: string, log: Log): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    log.error({ folder, reason: (error as NodeJS.ErrnoException).code }, 'backup folder missed');
    return [];
  }
}

/** First moment of the day (UTC) in a name; the earliest when there are several. */
function dayMsOf(name: string): number | null {
  const days = [...name.matchAll(dayOfName)].map(([day]) => Date.parse(`${day}T00:00:00Z`));
  return days.length === 0 || days.some(Number.isNaN) ? null : Math.min(...days);
}
