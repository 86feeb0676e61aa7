import { join } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.js';
import { openLedger } from '../../src/ledger/open.js';
import { intent, outcome } from '../../src/ledger/receipt.js';
import { loadSigningKey } from '../../src/ledger/signing_key.js';
import { systemClock } from '../../src/observe/clock.js';

/** Asks, answers and says so on stdout only after it is durable, until killed. `kill_child.js FOLDER LEDGERS`: that many, each on its own. */
const [root, count] = process.argv.slice(2) as [string, string];

async function open(nth: number): Promise<Ledger> {
  const opened = await openLedger({
    dir: join(root, `ledger-${nth}`),
    clock: systemClock,
    policySha256: 'a'.repeat(64),
    signingKey: loadSigningKey(join(root, 'key.pem')),
    lastSignedFile: join(root, `ledger-${nth}.last`),
    checkpointEveryRecords: 20,
    segmentBytes: 20_000,
  });
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

async function reader(nth: number, ledger: Ledger, name: string): Promise<void> {
  for (;;) {
    const receipt = await intent(ledger, { action: 'reads.search', actor_id: name, actor_name: name, roles: ['OPR'] });
    if (!receipt.ok) throw new Error(receipt.error.sentence);
    process.stdout.write(`${nth} intent ${receipt.value.sequence}\n`);
    const answered = await outcome(ledger, receipt.value, { count: 0, sha256: 'b'.repeat(64), bytes: 0 });
    if (!answered.ok) throw new Error(answered.error.sentence);
    process.stdout.write(`${nth} outcome ${receipt.value.sequence} ${answered.value.seq}\n`);
  }
}

const ledgers = await Promise.all(Array.from({ length: Number(count) }, (_, nth) => open(nth)));
process.stdout.write('open\n');
await Promise.all(ledgers.flatMap((ledger, nth) => ['u1', 'u2', 'u3', 'u4'].map((name) => reader(nth, ledger, name))));
