import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Config } from '../config.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Ledger } from '../ledger/ledger.js';
import { openLedger } from '../ledger/open.js';
import { loadSigningKey } from '../ledger/signing_key.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import { packagePath } from '../package_root.js';
import { loadModels } from '../pipeline/models.js';
import { Accounts } from '../policy/accounts/accounts.js';
import { Credentials } from '../policy/accounts/credentials.js';
import { type Governance, openGovernance } from '../policy/governance.js';
import { loadPolicy } from '../policy/policy_file.js';
import { restoreState, takeSnapshot } from '../policy/snapshot.js';
import { ledgerHome } from './ledger_home.js';
import { startWitness } from './witness.js';

/** The policy in force: its ledger, the state that follows from it, and who may sign in. */
export interface Governed {
  readonly ledger: Ledger;
  readonly governance: Governance;
  readonly accounts: Accounts;
  readonly credentials: Credentials;
  /** Keeps the state for a quick next start, signs the last records and lets go of the folder. */
  close(): Promise<void>;
}

type GovernedConfig = Pick<Config, 'dataDir' | 'policy' | 'ledger'>;

/** @returns the governance of a data directory, or one line that says which file stands in the way. */
export async function openGoverned(config: GovernedConfig, clock: Clock, log: Log): Promise<Result<Governed, string>> {
  const below = (file: string) => (isAbsolute(file) ? file : join(resolve(config.dataDir), file));
  const policy = loadPolicy(policyFile(config.policy.file));
  if (!policy.ok) return policy;
  const home = ledgerHome(config);
  if (!home.ok) return home;
  const { dir, signingKeyFile, lastSignedFile, witnessFile } = home.value;
  const { segmentBytes, checkpointEveryMs, checkpointEveryRecords, witnessUrl } = config.ledger;
  const witness = startWitness({ witnessFile, witnessUrl }, log);
  const ledger = await openLedger({
    dir,
    clock,
    policySha256: policy.value.sha256,
    configSha256: createHash('sha256').update(JSON.stringify(config)).digest('hex'),
    signingKey: loadSigningKey(signingKeyFile),
    lastSignedFile,
    segmentBytes,
    checkpointEveryMs,
    checkpointEveryRecords,
    witness: (line) => witness.tell(line),
  });
  if (!ledger.ok) return ledger;
  const journal = ledger.value;
  const snapshot = below(config.policy.snapshotFile);
  const seed = () => journal.latestCheckpoint?.root ?? null;
  const from = restoreState(snapshot, journal);
  const governance = openGovernance({ ledger: journal, policy: policy.value, clock, seed, from });
  if (!governance.ok) {
    await journal.close();
    return governance;
  }
  const state = () => governance.value.state();
  const stopSnapshots = journal.subscribe(({ seq }) => {
    if (seq % limits.ledger.snapshotEveryRecords === 0) void takeSnapshot(snapshot, state(), journal);
  });
  const credentials = new Credentials(below(config.policy.credentialsFile));
  const accounts = new Accounts({ governance: governance.value, credentials, clock });
  return ok({
    ledger: journal,
    governance: governance.value,
    accounts,
    credentials,
    async close() {
      stopSnapshots();
      if (journal.poisoned === null) await takeSnapshot(snapshot, state(), journal);
      governance.value.close();
      await journal.close();
      await witness.close();
    },
  });
}

/** A relative name is looked for where the program was started, then among the files it ships with. */
function policyFile(file: string): string {
  return isAbsolute(file) || existsSync(file) ? resolve(file) : packagePath(file);
}

/** Which models read plates from now on; an altered file is refused here already, before any engine starts [III.B]. */
export async function recordModels({ governance }: Governed): Promise<Result<null, string>> {
  const models = loadModels();
  if (!models.ok) return models;
  const { name, manifest } = models.value;
  const request = {
    name,
    detector: { onnx: manifest.detector.onnx.sha256, tfjs: manifest.detector.tfjs.sha256 },
    reader: { onnx: manifest.reader.onnx.sha256, tfjs: manifest.reader.tfjs.sha256 },
  };
  const author = { actor_id: 'SYS', actor_name: 'platestream', roles: ['system'], decision: 'allow' as const };
  const noted = await governance.note({ action: 'model.loaded', ...author, request });
  return noted.ok ? ok(null) : fail(noted.error.sentence);
}
