import { z } from 'zod';

/** Settings of governance; what the policy itself decides is in its own file. */
export const policySettings = z.strictObject({
  /** The department's policy; the one that ships with the program by default. */
  file: z.string().min(1).default('policies/41-12.yaml'),
  /** Password hashes, TOTP seeds, passkeys; below `dataDir` unless absolute. Back it up apart from the ledger. */
  credentialsFile: z.string().min(1).default('keys/credentials.json'),
  /** The fold of the ledger, so that a start need not read all of it. */
  snapshotFile: z.string().min(1).default('governance-snapshot.json'),
});
