import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../settings.js';

export type RedisClient = Redis;

/**
 * A connection that never queues: while the server is away a command fails at once, and one that is not answered in time is given up. It
 * connects again by itself for ever.
 */
export function connectRedis(settings: RedisSettings, commandTimeout = settings.timeoutMs): RedisClient {
  const { url, username, passwordFile } = settings;
  const client = new Redis(url, {
    ...(username !== undefined && { username }),
    ...(passwordFile !== undefined && { password: readFileSync(passwordFile, 'utf8').trim() }),
    commandTimeout,
    connectTimeout: 2000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(500, attempt * 50),
  });
  // Every failure is already seen where a command fails; without a listener it would end the process.
  client.on('error', () => undefined);
  return client;
}

/**
 * What a system keeps in Redis, all of it a copy that can be made again:
 *
 *     <prefix>:hotlist:current        number of the version in force
 *     <prefix>:hotlist:v<n>:head      its signed head
 *     <prefix>:hotlist:v<n>:body:<i>  its body in pieces
 *     <prefix>:hotlist:v<n>:plates    a set of its plates, for exact checks
 *     <prefix>:hotlist:overlay        the signed overlay
 *     <prefix>:hotlist:news           a channel that says "something changed"
 */
export function redisKeys({ prefix }: RedisSettings) {
  const base = `${prefix}:hotlist`;
  return {
    current: `${base}:current`,
    overlay: `${base}:overlay`,
    news: `${base}:news`,
    head: (version: number) => `${base}:v${version}:head`,
    body: (version: number, piece: number) => `${base}:v${version}:body:${piece}`,
    plates: (version: number) => `${base}:v${version}:plates`,
    allOfVersions: `${base}:v*`,
    isOfVersion: (key: string, version: number) => key.startsWith(`${base}:v${version}:`),
  };
}

export const pieceBytes = 1 << 20;
