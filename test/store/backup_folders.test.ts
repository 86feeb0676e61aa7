import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { silentLog } from '../../src/observe/log.js';
import { forgetBackups } from '../../src/store/backup_folders.js';
import { scratchFolder } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('backups of the reads');
const scratch = scratchFolder();
after(() => scratch.remove());
const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 8, 1);
const nameOf = (day: number) => new Date(startMs + day * dayMs).toISOString().slice(0, 10);

function filled(name: string, entries: readonly string[]): string {
  const folder = join(scratch.path, name);
  for (const entry of entries) {
    mkdirSync(join(folder, entry), { recursive: true });
    writeFileSync(join(folder, entry, 'part'), 'CANARY1');
  }
  mkdirSync(folder, { recursive: true });
  return folder;
}

test('a day that has begun to be past retention goes from every folder, whatever it is called otherwise; younger days stay [IV.F.1]', () => {
  let run = 0;
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 20 });
  const untilMs = fc.integer({ min: 0, max: 61 * dayMs - 1 }).map((ms) => startMs + ms);
  fc.assert(
    fc.property(days, days, untilMs, (tapes, folders, until) => {
      run += 1;
      const one = filled(
        `tapes-${run}`,
        tapes.map((day) => `reads-${nameOf(day)}.tar`),
      );
      const other = filled(
        `folders-${run}`,
        folders.map((day) => nameOf(day)),
      );
      const isOver = (day: number) => startMs + day * dayMs <= until;
      const went = forgetBackups([one, other], until, silentLog);
      assert.equal(went, [...tapes, ...folders].filter(isOver).length);
      assert.equal(readdirSync(one).length, tapes.filter((day) => !isOver(day)).length);
      assert.equal(readdirSync(other).length, folders.filter((day) => !isOver(day)).length);
    }),
    { numRuns: 30, seed: 16 },
  );
});

test('what names no day stays, and is told; of several days the earliest counts; a missing volume is told [IV.F.1]', () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const folder = filled('mixed', ['latest', '2026-13-77', `${nameOf(3)}_${nameOf(40)}`, nameOf(41)]);
  assert.equal(forgetBackups([folder, join(scratch.path, 'unmounted')], startMs + 10 * dayMs, log), 1);
  assert.deepEqual(readdirSync(folder).sort(), ['2026-13-77', nameOf(41), 'latest'].sort());
  assert.ok(!existsSync(join(folder, `${nameOf(3)}_${nameOf(40)}`)));
  const told = lines.map((line) => JSON.parse(line) as { msg: string; entries?: number; reason?: string });
  assert.deepEqual(
    told.map(({ msg, entries, reason }) => [msg, entries ?? reason]),
    [
      ['backups refused', 2],
      ['backup folder missed', 'ENOENT'],
    ],
  );
});
