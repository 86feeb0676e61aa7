import { z } from 'zod';

/** Settings of the ledger; every one has a default. */
export const ledgerSettings = z.strictObject({
  /** Folder of the ledger, below `dataDir` unless absolute. */
  folder: z.string().min(1).default('ledger'),
  /** File of the Ed25519 key that signs checkpoints; made at the first start. Keep it off the ledger's volume. */
  signingKeyFile: z.string().min(1).default('keys/ledger-signing.pem'),
  /** A new segment file starts when the current one is larger. */
  segmentBytes: z
    .int()
    .min(1 << 16)
    .max(1 << 30)
    .default(64 << 20),
  /** Longest time without a signed checkpoint while there are new records. */
  checkpointEveryMs: z.int().min(1000).max(60_000).default(60_000),
  /** Most records between two checkpoints. */
  checkpointEveryRecords: z.int().min(1).max(1000).default(1000),
  /** A file that every checkpoint is also appended to, on another machine's volume: an independent witness. */
  witnessFile: z.string().min(1).nullable().default(null),
  /** An address that every checkpoint is posted to (JSON), e.g. of the auditor. */
  witnessUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});

export type LedgerSettings = z.infer<typeof ledgerSettings>;
