import { z } from 'zod';

/** How to reach Redis. The account of an engine may only hand over reports; see `deploy/redis/users.acl`. */
export const redisAccess = z.strictObject({
  url: z.url({ protocol: /^rediss?$/, error: 'must be redis://host:port or rediss://host:port' }),
  username: z.string().min(1).optional(),
  /** Name of the environment variable that holds the password; it never stands in the file. */
  passwordEnv: z.string().min(1).default('PLATESTREAM_REDIS_PASSWORD'),
});

export type RedisAccess = z.infer<typeof redisAccess>;

/** Engines on other machines hand over their reads through Redis Streams; without it there is one engine, on this machine. */
export const busSettings = z.strictObject({
  redis: redisAccess.optional(),
  /** Cameras of those engines: a report of any other is refused and counted. Where they stand is for the camera registry to say [I.p2]. */
  cameras: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'a camera id has only a-z, 0-9 and -, at most 63 characters'),
      }),
    )
    .max(10_000)
    .default([]),
});
