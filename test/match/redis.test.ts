import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../src/cli/redis_server.js';
import type { HotLists } from '../../src/hot_lists/hot_lists.js';
import { newSigningKey } from '../../src/ledger/signing_key.js';
import { sealOverlay } from '../../src/match/redis/news.js';
import { missing } from '../support/missing.js';
import { testRedis } from '../support/redis.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';
import { type Follower, publicKeyOf, startFollower } from './follower.js';
import { csv, listsOfTest } from './lists_support.js';
import { entry, readOf } from './support.js';

const { test, before, after } = suite('hot list and Redis', missing('redis-server'));
const { running, newFolder, close } = listsOfTest();
const children: Follower[] = [];
let server: RedisServer;
let redis: Redis;
before(async () => {
  server = await testRedis('--appendonly', 'yes', '--appendfsync', 'always');
  redis = new Redis(server.url);
  redis.on('error', () => undefined);
});
after(async () => {
  for (const child of children) child.kill();
  await close();
  redis?.disconnect();
  await server?.close();
});

const rows = Array.from({ length: 300 }, (_, i) => `9T${i}X,warrant`);
let prefixes = 0;

/** A publishing node with a prefix of its own, in step with Redis. */
async function publishing(...more: string[]) {
  const prefix = `t${++prefixes}`;
  const node = await running(csv('1ZZZ11,warrant', ...rows, ...more), { redis: { url: server.url, prefix } });
  await inStep(node.lists);
  return { ...node, prefix, key: (name: string) => `${prefix}:hotlist:${name}` };
}

const inStep = (lists: HotLists) => until('Redis in step', () => lists.problems().length === 0);
const isRight = async (key: (name: string) => string, version: number) =>
  (await redis.get(key('current'))) === String(version) && (await redis.scard(key(`v${version}:plates`))) === 301;

test('Redis holds the signed version, its plates and the overlay; a new version replaces all of it', async () => {
  const { lists, drop, key } = await publishing();
  assert.ok(await isRight(key, 1));
  drop('2.csv', csv('2YYY22,warrant', ...rows));
  await until('version 2', () => isRight(key, 2));
  await until('the first version gone', async () => (await redis.keys(key('v1:*'))).length === 0);
  await inStep(lists);
});

test('killed and restarted, paused, flushed: matching never stops, health says so, Redis is put right by itself', async () => {
  const { lists, key, isMatched } = await publishing();
  const troubled = (what: string) => until(what, () => lists.problems().some((one) => one.startsWith('redis:')));
  server.signal('SIGKILL');
  await troubled('killed');
  assert.ok(isMatched('1ZZZ11') && !isMatched('0NONE0'));
  await server.restart();
  await inStep(lists);

  server.signal('SIGSTOP');
  await troubled('paused');
  assert.ok(isMatched('1ZZZ11') && !isMatched('0NONE0'));
  server.signal('SIGCONT');
  await inStep(lists);

  await redis.flushall();
  assert.ok(isMatched('1ZZZ11'));
  await until('written again', () => isRight(key, 1));
  await inStep(lists);
});

test('its append-only file cut short: the list is whole again after the restart', async () => {
  const { lists, key, isMatched } = await publishing();
  server.signal('SIGKILL');
  await server.ended();
  const folder = join(server.folder, 'appendonlydir');
  const log = readdirSync(folder).find((name) => name.endsWith('.incr.aof')) ?? '';
  truncateSync(join(folder, log), Math.floor(statSync(join(folder, log)).size / 2));
  await server.restart();
  assert.ok(isMatched('1ZZZ11'));
  await until('whole again', () => isRight(key, 1));
  await inStep(lists);
});

test('poisoned: foreign plates, lost plates, keys of another type raise no alert, hide none, and are written over', async () => {
  const { lists, key, isMatched } = await publishing();
  const plates = key('v1:plates');
  await redis.sadd(plates, '0EVIL0');
  assert.ok(!isMatched('0EVIL0') && isMatched('1ZZZ11'));
  await until('foreign plate gone', () => isRight(key, 1));
  await inStep(lists);

  await redis.srem(plates, '1ZZZ11');
  await redis.sadd(plates, '0EVIL0');
  const { claims } = lists.matcher.match(readOf('1ZZZ11', null));
  assert.ok(isMatched('1ZZZ11') && claims.some(({ plate }) => plate === '1ZZZ11'));
  lists.compare(claims);
  const answers = () => Promise.all([redis.sismember(plates, '1ZZZ11'), redis.sismember(plates, '0EVIL0')]);
  await until('lost plate back', async () => (await answers()).join() === '1,0');
  await inStep(lists);
  const missing = () => JSON.stringify(lists.scraped().hot_list_redis_checks_total);
  assert.match(missing(), /"missing"},"value":1/);

  for (const name of ['current', 'overlay', 'v1:plates', 'v1:head']) {
    await redis.del(key(name));
    await redis.lpush(key(name), 'not ours');
  }
  await until('types put right', () => isRight(key, 1).catch(() => false));
  await inStep(lists);
  assert.ok(isMatched('1ZZZ11'));
});

test('no byte of a dropped row reaches Redis, its files, or a follower [IV.A.3.b] [III.N]', async () => {
  const canary = 'QXJ7ZK93';
  const { isMatched } = await publishing(`${canary},sex_offender`, 'KEPT77,warrant');
  assert.ok(!isMatched(canary));
  const everything = await redis.keys('*');
  for (const key of everything) {
    const bytes = (await redis.dumpBuffer(key)) ?? Buffer.alloc(0);
    assert.ok(!bytes.includes(canary), key);
  }
  const files = readdirSync(server.folder, { recursive: true, encoding: 'utf8', withFileTypes: true });
  const contents = files.filter((one) => one.isFile()).map((one) => readFileSync(join(one.parentPath, one.name)));
  assert.ok(contents.some((bytes) => bytes.includes('KEPT77')) && !contents.some((bytes) => bytes.includes(canary)));
});

test('another node, in another process, takes versions and removals as they come, and only from the key it trusts [IV.A.7.a] [III.N]', async () => {
  const prefix = 'platestream';
  const node = await running(csv('1ZZZ11,warrant'), { redis: { url: server.url, prefix } });
  await inStep(node.lists);
  const at = { url: server.url, prefix };
  const other = startFollower(newFolder(), at, publicKeyOf(node.lists));
  const stranger = startFollower(newFolder(), at, newSigningKey().publicPem);
  children.push(other, stranger);
  await until('the first version', () => other.asks('1ZZZ11'));

  node.drop('2.csv', csv('1ZZZ11,warrant', '2YYY22,warrant'));
  await until('published', () => node.isMatched('2YYY22'));
  await until('the second version', () => other.asks('2YYY22'));

  node.now.manual = [entry('6F?X*', { source: 'manual', category: 'department_hot_list' })];
  await until('the manual entry', () => other.asks('6FIX66'));
  const [match] = node.lists.matcher.match(readOf('1ZZZ11', null)).matches;
  node.lists.remove(match?.entry.entryId ?? '');
  node.now.manual = [];
  await until('silence', () => other.asks('1ZZZ11') === false && other.asks('6FIX66') === false);

  const forged = { ...node.lists.matcher.overlay.content, version: Date.now() + 1e6, entries: [entry('0EVIL0')] };
  await redis.set(`${prefix}:hotlist:overlay`, sealOverlay(forged, newSigningKey().sign));
  await redis.publish(`${prefix}:hotlist:news`, 'overlay');
  assert.ok(!other.asks('0EVIL0') && !stranger.asks('1ZZZ11'));
  await until('the stranger was asked', () => stranger.asks('1ZZZ11') === false);
  assert.ok(stranger.problems().length > 0);
  assert.ok(!other.asks('0EVIL0'));
  server.signal('SIGKILL');
  await until('Redis gone', () => {
    other.asks('2YYY22');
    return other.problems().length > 0;
  });
  assert.ok(other.asks('2YYY22'), 'the follower matches on');
  await server.restart();
  other.leave();
  stranger.leave();
});
