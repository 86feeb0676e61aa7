import { defineCommand } from 'citty';

/** `platestream bench ...`: measurements with their conditions; no test asserts a time. */
export const benchCommand = defineCommand({
  meta: { name: 'bench', description: 'Measures this machine: cameras, reading, ledger, match, store.' },
  subCommands: {
    bus: () => import('./bench_bus.js').then((m) => m.benchBusCommand),
    cameras: () => import('./bench_cameras.js').then((m) => m.benchCamerasCommand),
    soak: () => import('./bench_soak.js').then((m) => m.benchSoakCommand),
    read: () => import('./bench_read.js').then((m) => m.benchReadCommand),
    ledger: () => import('./bench_ledger.js').then((m) => m.benchLedgerCommand),
    match: () => import('./bench_match.js').then((m) => m.benchMatchCommand),
    store: () => import('./bench_store.js').then((m) => m.benchStoreCommand),
  },
});
