import { z } from 'zod';
import { retentionDays } from './retention_days.js';

/** The bulk store's own settings; every bound of the room is here or in `limits.ts`. */
export const storeSettings = z.strictObject({
  /** `embedded`: ClickHouse inside this process, below the data directory. Otherwise the URL of a server. */
  url: z
    .union([z.literal('embedded'), z.url({ protocol: /^https?$/, error: 'must be "embedded" or http(s)://host:port' })])
    .default('embedded'),
  /** The account that writes and migrates; the password comes from the environment variable named here. */
  user: z.string().default('default'),
  passwordEnv: z.string().default('PLATESTREAM_STORE_PASSWORD'),
  /** A second account for searches, on the server limited to SELECT on this database; default: the writing one, made read-only. */
  searchUser: z.string().optional(),
  searchPasswordEnv: z.string().default('PLATESTREAM_STORE_SEARCH_PASSWORD'),
  /** A server that has not answered a request by then is asked again; the batch's token makes that harmless. */
  requestMsMax: z.int().min(100).max(600_000).default(30_000),
  /** Name of a ClickHouse cluster: tables become ReplicatedMergeTree below a Distributed one. */
  cluster: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a cluster name: letters, digits, _')
    .optional(),
  /** Bulk reads live this many days [IV.F.1]: a day's partition is dropped when its oldest row is this old. */
  retentionDays: retentionDays.default(29),
  /** Folders with backups that the department makes of the reads, an entry a day and its day in the name: swept with retention [IV.F.1]. */
  backups: z.array(z.string().min(1)).max(16).default([]),
  batch: z
    .strictObject({
      /** A batch is written when any of the three is reached. */
      rowsMax: z.int().min(1).max(200_000).default(20_000),
      bytesMax: z
        .int()
        .min(1024)
        .default(8 << 20),
      ageMsMax: z.int().min(10).max(60_000).default(1_000),
    })
    .prefault({}),
  spool: z
    .strictObject({
      /** Reads on disk that wait for the bulk store. When full, reads wait at the engines, which spool too. */
      bytesMax: z
        .int()
        .min(1 << 20)
        .default(4 * 2 ** 30),
    })
    .prefault({}),
  images: z
    .strictObject({
      /** Beyond it a read is kept without its images, counted, and health is red; nothing younger is deleted for it. */
      bytesMax: z
        .int()
        .min(1 << 20)
        .default(200 * 2 ** 30),
      packBytesMax: z
        .int()
        .min(64 << 10)
        .max(2 ** 31)
        .default(512 << 20),
    })
    .prefault({}),
  search: z
    .strictObject({
      /** One search may take this long and this much memory. */
      secondsMax: z.int().min(1).max(300).default(20),
      memoryBytesMax: z
        .int()
        .min(64 << 20)
        .default(2 * 2 ** 30),
      /** More than cores: a plate's rows lie in many places of each day, and a search mostly waits for the disk (measured: docs/search.md). */
      threadsMax: z.int().min(1).max(64).default(6),
      /** Rows of one page; how many an export may have says the policy. */
      pageRowsMax: z.int().min(1).max(10_000).default(1_000),
      /** A search without enough of a plate (see `literalsMin`) must be bounded to this window. */
      openWindowHoursMax: z.int().min(1).max(744).default(24),
      /** Literal characters that make a wildcard a search for one plate and not for a street. */
      literalsMin: z.int().min(2).max(7).default(3),
    })
    .prefault({}),
});

export type StoreSettings = z.infer<typeof storeSettings>;
