import { strict as assert } from 'node:assert';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../src/cli/redis_server.js';
import { governedBy } from '../../src/hot_lists/authority.js';
import { packFirst, packRest } from '../../src/match/plate.js';
import { dayMs, staffedWorld } from '../policy/world.js';
import { missing } from '../support/missing.js';
import { testRedis } from '../support/redis.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { type Follower, publicKeyOf, startFollower } from './follower.js';
import { csv, listsOfTest } from './lists_support.js';
import { entry } from './support.js';

/** How soon everybody knows: engines hold no list, so it is control nodes that must. */
const { test, before, after } = suite('hot lists are fresh', missing('redis-server'));
const { running, newFolder, close } = listsOfTest();
const followers: Follower[] = [];
let server: RedisServer;
let redis: Redis;
before(async () => {
  server = await testRedis();
  redis = new Redis(server.url);
});
after(async () => {
  for (const one of followers) one.kill();
  await close();
  redis?.disconnect();
  await server?.close();
});

/** A node and another that follows it, in step. */
async function pair(prefix: string, ...rows: string[]) {
  const node = await running(csv('1ZZZ11,warrant', ...rows), { redis: { url: server.url, prefix } });
  const other = startFollower(newFolder(), { url: server.url, prefix }, publicKeyOf(node.lists));
  followers.push(other);
  await until('the first version', () => other.asks('1ZZZ11'));
  return { ...node, other };
}

const many = (count: number) => Array.from({ length: count }, (_, i) => `Z${i},stolen_vehicle`).join('\n');

const packed = (plate: string) => [packFirst(plate), packRest(plate)] as const;

/** Whether any key holds the plate, in clear or as a snapshot packs it. */
async function holds(pattern: string, plate: string): Promise<boolean> {
  const first = Buffer.from(new Uint32Array([packFirst(plate)]).buffer);
  for (const key of await redis.keys(pattern)) {
    const isSet = (await redis.type(key)) === 'set';
    const bytes = isSet ? null : await redis.getBuffer(key);
    if (isSet ? await redis.sismember(key, plate) : bytes?.includes(plate) || bytes?.includes(first)) return true;
  }
  return false;
}

test('another control node matches each new version once it is in force; how many within a second is printed [III.M]', async () => {
  const { drop, isMatched, other } = await pair('versions');
  let inTime = 0;
  for (let n = 1; n <= 10; n++) {
    drop(`${n + 1}.csv`, csv('1ZZZ11,warrant', `9NEW${n}X,warrant`));
    await until('the new version here', () => isMatched(`9NEW${n}X`));
    const startedAt = performance.now();
    await until('the new version there', () => other.asks(`9NEW${n}X`));
    if (performance.now() - startedAt <= 1000) inTime += 1;
  }
  process.stdout.write(`a new version in time on another node: ${inTime} of 10\n`);
});

test('a removed entry and a manual one that ended are silent everywhere within five seconds, also while a large version is on its way [IV.A.7.a] [IV.A.8.a(2)]', async () => {
  const { lists, now, drop, isMatched, other } = await pair('removals', many(60_000));
  now.manual = [entry('6FIX66', { source: 'manual', category: 'department_hot_list' })];
  await until('the manual entry', () => other.asks('6FIX66'));
  drop('2.csv', csv('1ZZZ11,warrant', many(120_000)));
  await until('the large version here', () => isMatched('Z99999'));
  const [match] = lists.matcher.snapshot?.entriesOf(...packed('1ZZZ11')) ?? [];
  lists.remove(match?.entryId ?? '');
  now.manual = [];
  assert.ok(!isMatched('1ZZZ11'));
  await until('silence there', () => other.asks('1ZZZ11') === false && other.asks('6FIX66') === false);
  await until('the large version there', () => other.asks('Z99999'));
  assert.equal(other.asks('1ZZZ11'), false);
});

test('an exception by the ledger loads its category, and by the clock unloads it, here and there, within a minute [IV.A.4]', async () => {
  const world = await staffedWorld();
  const wanted = '7GANG77';
  const prefix = 'exceptions';
  const authority = governedBy(world.governance);
  const rows = csv('1ZZZ11,warrant', `${wanted},gang_or_terrorist`, '8ALSO88,immigration');
  const node = await running(rows, { redis: { url: server.url, prefix } }, authority);
  const other = startFollower(newFolder(), { url: server.url, prefix }, publicKeyOf(node.lists));
  followers.push(other);
  await until('the first version', () => other.asks('1ZZZ11'));
  assert.ok(!node.isMatched(wanted) && !other.asks(wanted));
  await world.did('chief', 'exception.grant', {
    userId: 'op',
    category: 'gang_or_terrorist',
    caseNo: '26-0007',
    facts: 'credible threat against the invented parade on Friday',
    toMs: world.clock.nowMs() + dayMs,
  });
  await until('loaded', () => node.isMatched(wanted) && other.asks(wanted));
  assert.ok(!node.isMatched('8ALSO88'), 'its own category and no other');
  world.clock.advance(dayMs);
  const isGone = () => node.lists.matcher.snapshot?.has(...packed(wanted)) === false && other.asks(wanted) === false;
  await until('unloaded', isGone);
  await until('gone from Redis', async () => !(await holds(`${prefix}:hotlist:*`, wanted)));
  assert.ok(node.isMatched('1ZZZ11') && other.asks('1ZZZ11'));
  await world.close();
});
