import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { openRedisControl, type RedisControl } from '../../src/bus/redis_control.js';
import { openRedisEngine } from '../../src/bus/redis_engine.js';
import { encodeReport, keys } from '../../src/bus/redis_wire.js';
import type { RedisServer } from '../../src/cli/redis_server.js';
import type { Answer } from '../../src/data/answer.js';
import type { ReadReport } from '../../src/data/read.js';
import { silentLog } from '../../src/observe/log.js';
import { type BusUnderTest, startBusEngine, Taken, testBus } from '../support/bus_contract.js';
import { missing } from '../support/missing.js';
import { testRedis } from '../support/redis.js';
import { someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';
import { until } from '../support/until.js';

const all = suite('bus over Redis Streams', missing('redis-server'));
const { test, before, after } = all;
let redis: RedisServer;
let admin: Redis;
before(async () => {
  redis = await testRedis();
  admin = new Redis(redis.url);
});
after(async () => {
  redis.signal('SIGCONT');
  await Promise.all(opened.map((control) => control.close()));
  admin.disconnect();
  await redis.close();
});

const access = () => ({ url: redis.url, passwordEnv: 'BUS_TEST_PASSWORD' });

const opened: RedisControl[] = [];

function openControl(onReport: (report: ReadReport) => Promise<Answer>) {
  const control = openRedisControl({
    access: access(),
    onReport,
    onStatus: () => {},
    knows: (id) => id !== 'stranger',
    log: silentLog,
  });
  opened.push(control);
  return control;
}

/** A test that failed leaves no consumer for the next one. */
async function freshRedis(): Promise<void> {
  await Promise.all(opened.splice(0).map((control) => control.close()));
  await admin.flushall();
}

async function freshBus(): Promise<BusUnderTest> {
  await freshRedis();
  return { redisUrl: redis.url, openControl: (onReport) => ({ ...openControl(onReport), attach() {} }) };
}

testBus(all, 'Redis', freshBus);

const everything = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

async function withEngine(
  to: number,
  work: (engine: ReturnType<typeof startBusEngine>) => Promise<void>,
): Promise<void> {
  const spoolFolder = mkdtempSync(join(tmpdir(), 'platestream-bus-'));
  const run = `test-${Date.now().toString(36)}`;
  const cameras = ['north', 'south'];
  const engine = startBusEngine({ redisUrl: redis.url, run, spoolFolder, cameras, from: 1, to, everyMs: 12 });
  try {
    await work(engine);
  } finally {
    await engine.end('SIGKILL');
    rmSync(spoolFolder, { recursive: true, force: true });
  }
}

test('Redis hangs for three seconds: reports go to disk, then all arrive once and in order', async () => {
  await freshRedis();
  const taken = new Taken();
  const control = openControl(taken.take);
  await withEngine(401, async (engine) => {
    await until('some arrive', () => taken.count() > 40);
    redis.signal('SIGSTOP');
    await until('control notices', () => !control.stats().reachable);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    redis.signal('SIGCONT');
    await until('everything is told', () => engine.told());
  });
  for (const camera of ['north', 'south']) assert.deepEqual(taken.byCamera.get(camera)?.map(Number), everything(400));
  await until('nothing waits', () => control.stats().reachable && control.stats().backlog === 0);
  await control.close();
});

test('Redis crashes and comes back empty: engines tell again what was not acknowledged', async () => {
  await freshRedis();
  const taken = new Taken();
  const control = openControl(taken.take);
  await withEngine(301, async (engine) => {
    await until('some arrive', () => taken.count() > 40);
    redis.signal('SIGKILL');
    await redis.ended();
    await redis.restart();
    await until('everything is told', () => engine.told());
  });
  for (const camera of ['north', 'south']) {
    assert.deepEqual([...new Set(taken.byCamera.get(camera)?.map(Number))], everything(300));
  }
  await control.close();
});

test('the lag of the bus is seen while control is slow: how many reports, and how old the oldest', async () => {
  await freshRedis();
  let open: () => void = () => {};
  const gate = new Promise<Answer>((resolve) => {
    open = () => resolve('kept');
  });
  const control = openControl(() => gate);
  const report: ReadReport = { stage: 'final', revision: 1, read: someRead(1, 'LAG1', Date.now()) };
  await admin.xadd(keys.reports, '*', ...encodeReport('lag-1', 1, report));
  await until('the lag shows', () => control.stats().backlog === 1 && control.stats().backlogAgeMs > 0);
  open();
  await until('the lag is gone', () => control.stats().backlog === 0);
  await control.close();
});

test('incomplete reports and those of unregistered cameras are refused and counted; good ones behind them arrive [I.p1]', async () => {
  await freshRedis();
  const taken = new Taken();
  const control = openControl(taken.take);
  const good: ReadReport = { stage: 'final', revision: 1, read: someRead(1, 'P1', Date.now()) };
  const bad = (change: object) =>
    encodeReport('bad-1', 1, { ...good, read: { ...good.read, ...change } } as ReadReport);
  const wrong = [
    bad({ plate: 'no plate!' }),
    bad({ capturedAtMs: null }),
    bad({ cameraId: 'stranger' }),
    bad({ confidence: 7 }),
    ['e', 'bad-1', 'n', '1', 'r', '{"half":', 'v', '', 'p', ''],
    ['e', 'bad-1'],
  ];
  for (const fields of wrong) await admin.xadd(keys.reports, '*', ...fields);
  await admin.xadd(keys.reports, '*', ...encodeReport('good-1', 1, good));
  await until('the good one arrives', () => taken.count() === 1);
  await until('the others are refused', () => control.stats().refused === wrong.length);
  await until('all have left the stream', async () => (await admin.xlen(keys.reports)) === 0);
  await control.close();
});

test("an engine's account can hand over and listen, and nothing else", async () => {
  await freshRedis();
  const users = (await import('node:fs')).readFileSync('deploy/redis/users.acl', 'utf8');
  const rules =
    /^user engine (.*)$/m
      .exec(users)?.[1]
      ?.replace(/#[0-9a-f]+|>\S+/g, '')
      .trim()
      .split(/\s+/) ?? [];
  await admin.call('ACL', 'SETUSER', 'engine', 'reset', ...rules, '>secret');
  process.env['ENGINE_TEST_PASSWORD'] = 'secret';
  const heard: number[] = [];
  const link = openRedisEngine({ url: redis.url, username: 'engine', passwordEnv: 'ENGINE_TEST_PASSWORD' }, 'acl-1', {
    onAnswer: (numbers) => heard.push(...numbers),
    onService() {},
    onReachable() {},
  });
  const taken = new Taken();
  const control = openControl(taken.take);
  await until('reachable', () => link.reachable());
  await link.report(1, { stage: 'final', revision: 1, read: someRead(1, 'P1', Date.now()) });
  await until('acknowledged', () => heard.includes(1));
  await link.close();
  await control.close();
  const engine = new Redis(redis.url, { username: 'engine', password: 'secret' });
  for (const command of [
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['ACL', 'LIST'],
    ['KEYS', '*'],
    ['XRANGE', keys.reports, '-', '+'],
    ['XREADGROUP', 'GROUP', 'control', 'x', 'STREAMS', keys.reports, '>'],
    ['DEL', keys.reports],
    ['SMEMBERS', 'platestream:hotlist'],
  ] as const) {
    await assert.rejects(engine.call(...(command as unknown as [string, ...string[]])), /NOPERM/, command.join(' '));
  }
  engine.disconnect();
});
