import { Redis } from 'ioredis';
import { limits } from '../limits.js';
import type { RedisAccess } from './settings.js';

/**
 * A connection that comes back by itself, for ever. What is asked while it is away fails at once: the outbox and the consumer group know
 * what is still to be told, so no second queue grows here. Errors are events of the caller's; they never hold the password.
 * @param waitsForNews blocks in the server until something comes; such a command has no time limit
 */
export function connectRedis(access: RedisAccess, waitsForNews: boolean): Redis {
  const password = process.env[access.passwordEnv];
  const redis = new Redis(access.url, {
    ...(access.username === undefined ? {} : { username: access.username }),
    ...(password === undefined ? {} : { password }),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: limits.bus.connectMsMax,
    ...(waitsForNews ? {} : { commandTimeout: limits.bus.answerMsMax }),
    retryStrategy: (attempt) => Math.min(limits.bus.reconnectMsMax, 50 * 2 ** Math.min(attempt, 10)),
    disableClientInfo: true,
    // It would ask INFO, which an engine's account may not; pings say whether the server answers.
    enableReadyCheck: false,
  });
  redis.on('error', () => {});
  return redis;
}

/** Resolves when commands can be sent; false when `signal` was aborted first. */
export async function connected(redis: Redis, signal: AbortSignal): Promise<boolean> {
  while (redis.status !== 'ready' && !signal.aborted) await pause(20, signal);
  return !signal.aborted;
}

/** Waits, or until `signal` is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
