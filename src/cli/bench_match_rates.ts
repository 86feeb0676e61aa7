import type { Redis } from 'ioredis';
import { assert } from '../data/result.js';
import { packFirst, packRest } from '../match/plate.js';
import type { Snapshot } from '../match/snapshot/snapshot.js';

/** Reads a round trip to Redis carries. */
const batch = 1000;

/** Lookups a second by the clock, and a second of this process's CPU time: what one core of its own would give. */
export interface Rate {
  readonly perSecond: number;
  readonly perCoreSecond: number;
}

export interface Rates {
  readonly hitRate: number;
  /** Bloom filter, then the snapshot. */
  readonly inProcess: Rate;
  /** Bloom filter, then SISMEMBER for what it claims, pipelined, then the snapshot. */
  readonly bloomAndRedis: Rate;
  /** SISMEMBER for every read, pipelined in the same batches. */
  readonly plainRedis: Rate;
  readonly jsSet: Rate;
}

/** Runs `work` again and again for at least so long. */
async function rate(items: number, forMs: number, work: () => unknown): Promise<Rate> {
  await work();
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let rounds = 0;
  for (; performance.now() - startedAt < forMs || rounds === 0; rounds++) await work();
  const { user, system } = process.cpuUsage(before);
  const done = rounds * items;
  const seconds = (performance.now() - startedAt) / 1000;
  return { perSecond: Math.round(done / seconds), perCoreSecond: Math.round(done / ((user + system) / 1e6)) };
}

export function claims(snapshot: Snapshot, plate: string): boolean {
  return snapshot.bloom.mayHave(packFirst(plate), packRest(plate));
}

export async function measureRates(
  list: { snapshot: Snapshot; set: ReadonlySet<string>; redis: Redis; key: string },
  reads: readonly string[],
  hitRate: number,
  forMs: number,
): Promise<Rates> {
  const { snapshot, set, redis, key } = list;
  let found = 0;
  const isListed = (plate: string) => snapshot.has(packFirst(plate), packRest(plate));
  const inProcess = await rate(reads.length, forMs, () => {
    for (const plate of reads) if (claims(snapshot, plate) && isListed(plate)) found += 1;
  });
  const bloomAndRedis = await rate(reads.length, forMs, async () => {
    for (let at = 0; at < reads.length; at += batch) {
      const claimed: string[] = [];
      for (let i = at; i < Math.min(at + batch, reads.length); i++)
        if (claims(snapshot, reads[i] as string)) claimed.push(reads[i] as string);
      if (claimed.length === 0) continue;
      const answers = await Promise.all(claimed.map((plate) => redis.sismember(key, plate)));
      found += answers.filter((answer, i) => answer === 1 && isListed(claimed[i] as string)).length;
    }
  });
  const few = reads.slice(0, 20_000);
  const plainRedis = await rate(few.length, forMs, async () => {
    for (let at = 0; at < few.length; at += batch)
      await Promise.all(few.slice(at, at + batch).map((plate) => redis.sismember(key, plate)));
  });
  const jsSet = await rate(reads.length, forMs, () => {
    for (const plate of reads) if (set.has(plate)) found += 1;
  });
  assert(found > 0 || hitRate === 0, 'listed plates are found');
  return { hitRate, inProcess, bloomAndRedis, plainRedis, jsSet };
}
