import { z } from 'zod';
import { limits } from '../limits.js';

/** Settings of the ledger; every one has a default. */
export const ledgerSettings = z.strictObject({
  /** Folder of the ledger, below `dataDir` unless absolute. */
  folder: z.string().min(1).default('ledger'),
  /**
   * File of the Ed25519 key that signs checkpoints, made at the first start, never inside `dataDir`; what it signed last is kept beside it
   * (`.last`). Default: `ledger-signing.pem` in the folder `<dataDir>-keys` beside the data directory.
   */
  signingKeyFile: z.string().min(1).optional(),
  /** A new segment file starts when the current one is larger. */
  segmentBytes: z
    .int()
    .min(1 << 16)
    .max(1 << 30)
    .default(64 << 20),
  /** Longest time without a signed checkpoint while there are new records. */
  checkpointEveryMs: z.int().min(1000).max(50_000).default(30_000),
  /** Most records between two checkpoints. */
  checkpointEveryRecords: z
    .int()
    .min(1)
    .max(limits.ledger.checkpointRecordsMax)
    .default(limits.ledger.checkpointRecordsMax),
  /**
   * A file that every checkpoint is also appended to, best on another machine's volume: an independent witness. Default:
   * `ledger-witness.jsonl` beside the signing key; `null`: none.
   */
  witnessFile: z.string().min(1).nullable().optional(),
  /** An address that every checkpoint is posted to (JSON), e.g. of the auditor. */
  witnessUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .default(null),
});
