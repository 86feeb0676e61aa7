import { z } from 'zod';
import { rowFields } from './import/csv.js';

const share = z.number().min(0).max(1);
const hours = z.number().positive().max(8760);

/** One hot list and where it comes from. */
const sourceSettings = z
  .strictObject({
    /** Its name in every alert, report and mapping. */
    name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/, 'a to z, 0 to 9 and _, starting with a letter'),
    /** ncic: the FBI's fixed-width extract; csv; jsonl. Any of them may be gzipped. */
    format: z.enum(['ncic', 'csv', 'jsonl']),
    /** A file, or a folder whose newest file counts; looked at every few seconds, imported when it has changed. */
    path: z.string().min(1).optional(),
    /** An https address to pull from, instead; its host is pinned. */
    url: z.url({ protocol: /^https$/ }).optional(),
    pullEveryMinutes: z.number().min(1).max(10_080).default(60),
    /** PEM file of the certificate authority that may sign the server's certificate; none = the usual ones. */
    caFile: z.string().min(1).optional(),
    /** Lets the pull go to a private or loopback address. */
    privateAddresses: z.boolean().default(false),
    /** Our fields -> the file's columns, where they differ from the usual names. */
    columns: z.partialRecord(z.enum(rowFields), z.string().min(1)).default({}),
    /** Which of the source's files this is (see policies/hot-list-categories.yaml), when the rows do not say. */
    fileId: z.string().min(1).nullable().default(null),
    /** PEM file of the Ed25519 key that signs each file (FILE.sig, over the file's SHA-256 in hex). */
    publicKeyFile: z.string().min(1).optional(),
    staleAfterHours: hours.optional(),
    stopAfterHours: hours.optional(),
    /** Rows may move by this share between two files; more needs an approval by name. */
    countMoveMax: share.default(0.2),
    /** How often its vehicles pass here against how often others do: below 1 for a national list. */
    baseRate: z.number().positive().max(1000).default(1),
  })
  .refine(({ path, url }) => path === undefined || url === undefined, 'give a path or a url, not both');
export type SourceSettings = z.infer<typeof sourceSettings>;

const redisSettings = z.strictObject({
  /** redis:// or rediss://; credentials belong into passwordFile. */
  url: z.string().regex(/^rediss?:\/\/[^@]+$/, 'redis://host:port without a password in it'),
  username: z.string().min(1).optional(),
  passwordFile: z.string().min(1).optional(),
  /** Leads every key, so that several systems can share a server. */
  prefix: z.string().min(1).max(64).default('platestream'),
  /** A check that takes longer is given up; matching never waits for it. */
  timeoutMs: z.int().min(1).max(10_000).default(50),
});
export type RedisSettings = z.infer<typeof redisSettings>;

/** Which lists are matched, and how much doubt is allowed. */
export const hotListSettings = z
  .strictObject({
    /** CSV file of a hot list; short for one source named `file`. */
    file: z.string().min(1).optional(),
    sources: z.array(sourceSettings).max(50).default([]),
    /** Older than this it is shown as STALE on every alert. */
    staleAfterHours: hours.default(24),
    /** Older than this it no longer matches. */
    stopAfterHours: hours.default(72),
    /** Lines that may be rejected before the file is refused, as a share. */
    rejectedShareMax: share.default(0.02),
    /** A read's alternatives below this probability are not looked up. */
    alternativeConfidenceMin: share.default(0.05),
    /** How many characters may be what readers confuse with the one that was read (0/O, 1/I, 8/B ...); such a match is marked "possible". */
    ocrSubstitutions: z.int().min(0).max(1).default(1),
    /** Matches less likely true than this are suppressed and counted. */
    chanceMin: share.default(0.3),
    /** The same for those that are only possible: they differ from the most probable text. */
    possibleChanceMin: share.default(0.1),
    /** Shares versions with other control nodes and keeps an exact copy of the list for them; none = in process only. */
    redis: redisSettings.optional(),
    /** PEM file of the key whose lists this node takes from Redis instead of importing any of its own. */
    followKeyFile: z.string().min(1).optional(),
    /** Ed25519 key that signs every version; made at the first start, below dataDir unless absolute. */
    signingKeyFile: z.string().min(1).default('keys/hot-list-signing.pem'),
  })
  .refine(
    ({ followKeyFile, redis, sources, file }) =>
      followKeyFile === undefined || (redis !== undefined && sources.length === 0 && file === undefined),
    'followKeyFile: needs redis, and no sources or file: a node that follows another imports nothing itself',
  );

export type HotListSettings = z.infer<typeof hotListSettings>;
