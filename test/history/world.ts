import { join } from 'node:path';
import type { AuditedReads } from '../../src/api/audited_reads.js';
import { type Cosigns, openCosigns } from '../../src/history/cosigns.js';
import { createHistory } from '../../src/history/history.js';
import { type StoreSettings, storeSettings } from '../../src/store/settings.js';
import { openStore, type Store } from '../../src/store/store.js';
import { must, staffedWorld, type World } from '../policy/world.js';
import { registry, scratchFolder } from '../support/store_fixtures.js';

/** A department with a ledger, a policy, trained people, and a bulk store: all real. */
export interface HistoryWorld extends World {
  readonly store: Store;
  readonly history: AuditedReads;
  readonly cosigns: Cosigns;
  readonly dataDir: string;
}

const cameras = ['north', 'south', 'east'];

/** @param prepare what earlier runs of the program have left in the data directory */
export async function historyWorld(
  change: object = {},
  prepare?: (dataDir: string, nowMs: number) => Promise<void>,
): Promise<HistoryWorld> {
  const world = await staffedWorld();
  const scratch = scratchFolder();
  await prepare?.(scratch.path, world.clock.nowMs());
  const settings: StoreSettings = storeSettings.parse({ batch: { ageMsMax: 20 }, ...change });
  const store = must(
    await openStore(settings, {
      clock: world.clock,
      dataDir: scratch.path,
      cameraRegistry: registry,
      retentionDays: () => world.governance.retentionDays(),
    }),
  );
  const cosigns = openCosigns(world.ledger, () => world.governance.nowMs());
  const history = createHistory({
    governance: world.governance,
    ledger: world.ledger,
    store,
    cosigns,
    cameras: () => cameras,
    limits: settings.search,
    exportFolder: join(scratch.path, 'store', 'exports'),
  });
  return {
    ...world,
    store,
    history,
    cosigns,
    dataDir: scratch.path,
    async close() {
      cosigns.close();
      await store.close();
      await world.close();
      scratch.remove();
    },
  };
}
