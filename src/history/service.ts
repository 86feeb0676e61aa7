import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { HistoryServices } from '../api/history_services.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Log } from '../observe/log.js';
import type { Governance } from '../policy/governance.js';
import type { StoreSettings } from '../store/settings.js';
import type { Store } from '../store/store.js';
import { openAuditDesk } from './audit_desk.js';
import { type CaseKeeper, openCaseKeeper } from './case_keeper.js';
import { openCosigns } from './cosigns.js';
import { createDisclosures } from './disclosure.js';
import { forgetExports } from './export.js';
import { createHistory } from './history.js';
import type { KeptCopy } from './retention_job.js';

/** All that people do with reads that are kept, on a running governance, ledger and store. */
export interface HistoryService extends HistoryServices {
  readonly cases: CaseKeeper;
  /** Exports that nobody took away. */
  readonly exports: KeptCopy;
  close(): Promise<void>;
}

export async function openHistoryService(parts: {
  readonly governance: Governance;
  readonly ledger: Ledger;
  readonly store: Store;
  readonly limits: StoreSettings['search'];
  readonly dataDir: string;
  /** Cameras of the configuration, for searches that name none. */
  readonly configuredCameras: readonly string[];
  readonly log: Log;
}): Promise<HistoryService> {
  const { governance, ledger, store } = parts;
  const exportFolder = join(parts.dataDir, 'store', 'exports');
  // An export that a crash left behind is nobody's.
  rmSync(exportFolder, { recursive: true, force: true });
  const cosigns = openCosigns(ledger, () => governance.nowMs());
  const cases = openCaseKeeper(parts);
  const desk = await openAuditDesk(ledger, store.audit, parts.log);
  const cameras = () => [...new Set([...governance.state().cameras.keys(), ...parts.configuredCameras])];
  return {
    reads: createHistory({ ...parts, cosigns, cameras, exportFolder }),
    cases,
    disclosures: createDisclosures({ governance, ledger, store }),
    desk,
    exports: { name: 'exports', forget: () => forgetExports(exportFolder) },
    async close() {
      cosigns.close();
      await cases.close();
      await desk.close();
    },
  };
}
