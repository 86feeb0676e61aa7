import { strict as assert } from 'node:assert';
import { Redis } from 'ioredis';
import type { RedisServer } from '../../src/cli/redis_server.js';
import { missing } from './missing.js';
import { testRedis } from './redis.js';
import { suite } from './suite.js';

const { test, after } = suite('redis-server of the tests', missing('redis-server'));
let server: RedisServer | null = null;
after(() => server?.close());

test('killed with -9 it comes back on its port, with what its append-only file holds', async () => {
  server = await testRedis('--appendonly', 'yes', '--appendfsync', 'always');
  const redis = new Redis(server.url);
  await redis.set('kept', '1');
  server.signal('SIGKILL');
  await server.ended();
  await server.restart();
  assert.equal(await redis.get('kept'), '1');
  redis.disconnect();
});
