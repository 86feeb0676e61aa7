import { z } from 'zod';

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** What is known of one source's list, as of its last import. Counts balance: `rows = kept + duplicates + dropped + rejected`. */
const sourceInfo = z.strictObject({
  name: z.string().min(1).max(64),
  /** SHA-256 of the file as it came. */
  sha256: digest,
  compiledAtMs: count,
  importedAtMs: count,
  rows: count,
  kept: count,
  duplicates: count,
  rejected: count,
  /** Prohibited category -> rows not loaded [IV.A.3.b]. */
  dropped: z.record(z.string(), count),
  /** The categories that might be loaded at that moment, so that a change of exceptions shows [IV.A.4]. */
  loadable: z.array(z.string()),
  /** Codes that an administrator's decision mapped at that moment, `<source>:<code>=<category>`. */
  mapped: z.array(z.string()),
  /** Of the category table that was used. */
  tableSha256: digest,
  /** A verified signature of the source's own key. */
  signed: z.boolean(),
});
export type SourceInfo = z.infer<typeof sourceInfo>;

/** Byte ranges of the body; every one starts at a multiple of 64. */
const sections = z.strictObject({
  first: z.tuple([count, count]),
  rest: z.tuple([count, count]),
  buckets: z.tuple([count, count]),
  bloom: z.tuple([count, count]),
  who: z.tuple([count, count]),
  vehicle: z.tuple([count, count]),
  own: z.tuple([count, count]),
  whoOffsets: z.tuple([count, count]),
  whoTexts: z.tuple([count, count]),
  vehicleOffsets: z.tuple([count, count]),
  vehicleTexts: z.tuple([count, count]),
  ownOffsets: z.tuple([count, count]),
  ownTexts: z.tuple([count, count]),
});
export type Sections = z.infer<typeof sections>;

/** Signed; holds the digest of the body, so the signature covers both. */
export const snapshotHeader = z.strictObject({
  format: z.literal(1),
  version: z.int().min(1),
  createdAtMs: count,
  entries: count,
  /** Different plates among the entries. */
  plates: count,
  bodyBytes: count,
  bodySha256: digest,
  sections,
  sources: z.array(sourceInfo).max(1000),
});
export type SnapshotHeader = z.infer<typeof snapshotHeader>;
