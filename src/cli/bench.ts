import { defineCommand } from 'citty';

/** `platestream bench ...`: measurements with their conditions; no test asserts a time. */
export const benchCommand = defineCommand({
  meta: { name: 'bench', description: 'Measures this machine: ledger, store.' },
  subCommands: {
    ledger: () => import('./bench_ledger.js').then((m) => m.benchLedgerCommand),
    store: () => import('./bench_store.js').then((m) => m.benchStoreCommand),
  },
});
