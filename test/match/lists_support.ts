import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HotListEntry } from '../../src/data/match.js';
import type { ListAuthority } from '../../src/hot_lists/authority.js';
import { type HotLists, openHotLists } from '../../src/hot_lists/hot_lists.js';
import type { CategoryPolicy } from '../../src/match/category_table.js';
import { hotListSettings } from '../../src/match/settings.js';
import { systemClock } from '../../src/observe/clock.js';
import { silentLog } from '../../src/observe/log.js';
import { mustBe, policy, readOf } from './support.js';

/** An authority that a test can change the mind of. */
function someAuthority() {
  const now = { excepted: [] as string[], manual: [] as HotListEntry[], inactive: {} as Record<string, number> };
  const notes: string[] = [];
  const authority: ListAuthority = {
    categories: (): CategoryPolicy => ({ ...policy, excepted: now.excepted }),
    manualEntries: () => now.manual,
    inactive: () => now.inactive,
    note: async (action, effect) => void notes.push(`${action} ${JSON.stringify(effect)}`),
  };
  return { now, notes, authority };
}

export const csv = (...rows: string[]) => `plate,category\n${rows.join('\n')}\n`;

/** Opens hot lists that watch a folder, and closes them and all their folders at the end. */
export function listsOfTest() {
  const opened: HotLists[] = [];
  const folders: string[] = [];
  const newFolder = () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-lists-'));
    folders.push(folder);
    return folder;
  };
  return {
    newFolder,
    /** @param governed whose word counts instead of the test's. */
    async running(sourceText: string, more: object = {}, governed?: ListAuthority) {
      const dataDir = newFolder();
      const watched = join(dataDir, 'incoming');
      mkdirSync(watched);
      const drop = (name: string, text: string) => writeFileSync(join(watched, name), text);
      drop('1.csv', sourceText);
      const sources = [{ name: 'city', format: 'csv', path: watched, countMoveMax: 1 }];
      const settings = hotListSettings.parse({ sources, ...more });
      const { now, notes, authority: own } = someAuthority();
      const authority = governed ?? own;
      const lists = mustBe(await openHotLists({ settings, dataDir, clock: systemClock, log: silentLog, authority }));
      opened.push(lists);
      const isMatched = (plate: string) => lists.matcher.match(readOf(plate, null)).matches.length > 0;
      return { lists, dataDir, drop, now, notes, isMatched };
    },
    async close() {
      for (const lists of opened) await lists.stop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
