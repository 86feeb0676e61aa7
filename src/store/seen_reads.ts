/**
 * The reads appended lately, so that a report sent twice is acknowledged twice and stored once. Bounded by two generations: when the
 * younger is full it becomes the older, and what was the older is forgotten.
 */
export interface SeenReads {
  has(id: string): boolean;
  add(id: string): void;
}

/** An engine repeats at most what it had not seen acknowledged; this is many engines' worth of it. */
const rememberedMin = 100_000;

export function seenReads(generation = rememberedMin): SeenReads {
  let younger = new Set<string>();
  let older = new Set<string>();
  return {
    has: (id) => younger.has(id) || older.has(id),
    add(id) {
      younger.add(id);
      if (younger.size < generation) return;
      older = younger;
      younger = new Set();
    },
  };
}
