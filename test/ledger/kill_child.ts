import { openLedger } from '../../src/ledger/open.js';
import { intent, outcome } from '../../src/ledger/receipt.js';
import { loadSigningKey } from '../../src/ledger/signing_key.js';
import { systemClock } from '../../src/observe/clock.js';

/** Asks, answers and says so on stdout only after it is durable, until killed. `kill_child.js FOLDER KEY_FILE`. */
const [dir, keyFile] = process.argv.slice(2) as [string, string];
const opened = await openLedger({
  dir,
  clock: systemClock,
  policySha256: 'a'.repeat(64),
  signingKey: loadSigningKey(keyFile),
  checkpointEveryRecords: 20,
  segmentBytes: 20_000,
});
if (!opened.ok) throw new Error(opened.error);
const ledger = opened.value;
process.stdout.write('open\n');

async function reader(name: string): Promise<void> {
  for (;;) {
    const receipt = await intent(ledger, { action: 'reads.search', actor_id: name, actor_name: name, roles: ['OPR'] });
    if (!receipt.ok) throw new Error(receipt.error.sentence);
    process.stdout.write(`intent ${receipt.value.sequence}\n`);
    const answered = await outcome(ledger, receipt.value, { count: 0, sha256: 'b'.repeat(64), bytes: 0 });
    if (!answered.ok) throw new Error(answered.error.sentence);
    process.stdout.write(`outcome ${receipt.value.sequence} ${answered.value.seq}\n`);
  }
}
await Promise.all(['u1', 'u2', 'u3', 'u4'].map(reader));
