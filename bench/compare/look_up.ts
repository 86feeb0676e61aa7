import { Redis } from 'ioredis';
import { startRedisServer } from '../../src/cli/redis_server.js';
import { BloomFilter } from '../../src/match/bloom.js';
import { packFirst, packRest } from '../../src/match/plate.js';
import { type Rate, rateOf } from './rate.js';

const entries = 200_000;
const plate = (i: number) => (i * 7919 + 1_000_000).toString(36).toUpperCase().padStart(7, 'X');

/** Is this plate on the list? Nearly always it is not. Redis asked each time, asked a hundred at a time, and our filter in front. */
export async function compareLookUp(seconds: number): Promise<Rate[]> {
  const server = await startRedisServer().catch(() => null);
  const rates = [
    {
      what: 'Bloom filter in shared memory',
      unit: 'look-ups',
      perSecond: await bloomRate(seconds),
      note: 'certain no, else confirmed',
    },
  ];
  if (!server) return rates;
  const redis = new Redis(server.url);
  for (let at = 0; at < entries; at += 1000)
    await redis.sadd('list', ...Array.from({ length: 1000 }, (_, i) => plate(at + i)));
  rates.push(
    {
      what: 'Redis SISMEMBER, one at a time',
      unit: 'look-ups',
      perSecond: await wallRate(seconds, 1, redis),
      note: 'wall time, loopback',
    },
    {
      what: 'Redis SISMEMBER, 100 in a pipeline',
      unit: 'look-ups',
      perSecond: await wallRate(seconds, 100, redis),
      note: 'wall time, loopback',
    },
  );
  redis.disconnect();
  await server.close();
  return rates;
}

async function bloomRate(seconds: number): Promise<number> {
  const bloom = new BloomFilter(new Uint32Array(Math.ceil((entries * 16) / 512) * 16));
  for (let i = 0; i < entries; i++) bloom.add(packFirst(plate(i)), packRest(plate(i)));
  const asked = Array.from({ length: 10_000 }, (_, i) => plate(entries + i));
  let maybe = 0;
  const perSecond = await rateOf(seconds, async () => {
    for (const text of asked) if (bloom.mayHave(packFirst(text), packRest(text))) maybe += 1;
    return asked.length;
  });
  if (maybe < 0) throw new Error('broken invariant: counts do not fall');
  return perSecond;
}

async function wallRate(seconds: number, together: number, redis: Redis): Promise<number> {
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1000) {
    if (together === 1) await redis.sismember('list', plate(entries + count));
    else {
      const many = redis.pipeline();
      for (let i = 0; i < together; i++) many.sismember('list', plate(entries + count + i));
      await many.exec();
    }
    count += together;
  }
  return count / ((performance.now() - startedAt) / 1000);
}
