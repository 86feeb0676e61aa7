import { splitPassId } from './bulk_row.js';

/** The reads appended lately, so that a report sent twice is acknowledged twice and stored once. Bounded: oldest forgotten first. */
export interface SeenReads {
  has(id: string): boolean;
  add(id: string): void;
}

/** An engine repeats at most what it had not seen acknowledged; this is many engines' worth of it. */
const rememberedMax = 200_000;

export function seenReads(max = rememberedMax): SeenReads {
  const ids = new Set<string>();
  const key = (id: string) => {
    const { run, number } = splitPassId(id);
    return `${run}-${number}`;
  };
  return {
    has: (id) => ids.has(key(id)),
    add(id) {
      ids.add(key(id));
      if (ids.size > max) ids.delete(ids.values().next().value as string);
    },
  };
}
