import { createHash } from 'node:crypto';
import type { HotListEntry, HotListVersion } from '../data/match.js';
import { BloomFilter } from './bloom.js';

/** One version of the hot list, never changed once made; a change is another version. */
export interface HotList {
  readonly version: HotListVersion;
  readonly bloom: BloomFilter;
  /** Exact: entries of one plate. */
  entriesOf(plate: string): readonly HotListEntry[];
}

export function createHotList(
  entries: readonly HotListEntry[],
  version: number,
  compiledAtMs: number,
  loadedAtMs: number,
): HotList {
  const byPlate = new Map<string, HotListEntry[]>();
  const bloom = new BloomFilter(entries.length);
  const sha256 = createHash('sha256');
  for (const entry of entries) {
    const same = byPlate.get(entry.plate);
    if (same) same.push(entry);
    else byPlate.set(entry.plate, [entry]);
    bloom.add(entry.plate);
    sha256.update(`${JSON.stringify([entry.plate, entry.state, entry.category, entry.source, entry.entryId])}\n`);
  }
  return {
    version: { version, sha256: sha256.digest('hex'), compiledAtMs, loadedAtMs, entries: entries.length },
    bloom,
    entriesOf: (plate) => byPlate.get(plate) ?? [],
  };
}
