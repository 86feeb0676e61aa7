import { type RedisServer, startRedisServer } from '../../src/cli/redis_server.js';

/** A real redis-server on a free port, in suites that are skipped where it is missing. Close it in `after`. */
export const testRedis = (...more: readonly string[]): Promise<RedisServer> => startRedisServer(...more);
