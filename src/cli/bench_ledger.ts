import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { assert } from '../data/result.js';
import type { Ledger } from '../ledger/ledger.js';
import { openLedger } from '../ledger/open.js';
import type { Draft } from '../ledger/record.js';
import { newSigningKey } from '../ledger/signing_key.js';
import { verifyLedger } from '../ledger/verify.js';
import { systemClock } from '../observe/clock.js';

/** A record like that of a search, all of it invented. */
const sample: Draft = {
  action: 'access.intent',
  actor_id: 'usr-bench',
  actor_name: 'Bench',
  roles: ['OPR'],
  decision: 'allow',
  object_type: 'reads',
  request: { cameras: ['bench-1', 'bench-2'], plate: 'BENCH1', state: null, window: [0, 86_400_000] },
  reason: { basis: 'criminal_investigation', case_no: 'B-1', facts: 'a sentence as long as those that people write' },
};

interface Figures {
  readonly rawFdatasyncPerSecond: number;
  readonly appendMsP50: number;
  readonly appendMsP99: number;
  readonly durableRecordsPerSecond: number;
  readonly writers: number;
  readonly verify: { readonly records: number; readonly seconds: number };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

/** One 600-byte write and one fdatasync, again and again, on the same disk: what a ledger without group commit could reach. */
function rawRate(folder: string, forMs: number): number {
  const file = openSync(join(folder, 'raw'), 'w');
  const line = Buffer.alloc(600, 120);
  const startedAt = performance.now();
  let count = 0;
  while (performance.now() - startedAt < forMs) {
    writeSync(file, line);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count / ((performance.now() - startedAt) / 1000);
}

/** Each writer appends, waits until that is durable, and appends again. */
async function appendFor(ledger: Ledger, writers: number, forMs: number): Promise<{ ms: number[]; perSecond: number }> {
  const ms: number[] = [];
  const startedAt = performance.now();
  const writer = async () => {
    while (performance.now() - startedAt < forMs) {
      const askedAt = performance.now();
      const answer = await ledger.append(sample);
      assert(answer.ok, 'the bench can append');
      ms.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return { ms: ms.sort((a, b) => a - b), perSecond: ms.length / ((performance.now() - startedAt) / 1000) };
}

async function measure(folder: string, forMs: number, records: number): Promise<Figures> {
  const dir = join(folder, 'ledger');
  const opened = await openLedger({
    dir,
    clock: systemClock,
    policySha256: '0'.repeat(64),
    signingKey: newSigningKey(),
  });
  assert(opened.ok, 'the bench can open a ledger');
  const ledger = opened.value;
  const rawFdatasyncPerSecond = rawRate(folder, forMs);
  const few = await appendFor(ledger, 16, forMs);
  const many = await appendFor(ledger, 256, forMs);
  while (ledger.size < records) await Promise.all(Array.from({ length: 4096 }, () => ledger.append(sample)));
  await ledger.close();
  const startedAt = performance.now();
  const verdict = verifyLedger(dir);
  assert(verdict.ok, 'the ledger of the bench is whole');
  return {
    rawFdatasyncPerSecond,
    appendMsP50: percentile(few.ms, 0.5),
    appendMsP99: percentile(few.ms, 0.99),
    durableRecordsPerSecond: many.perSecond,
    writers: 256,
    verify: { records: verdict.records, seconds: (performance.now() - startedAt) / 1000 },
  };
}

function print(figures: Figures): void {
  const { verify } = figures;
  process.stdout.write(
    `raw fdatasync of the disk   ${figures.rawFdatasyncPerSecond.toFixed(0)} /s\n` +
      `durable records             ${figures.durableRecordsPerSecond.toFixed(0)} /s with ${figures.writers} writers\n` +
      `append, 16 writers          p50 ${figures.appendMsP50.toFixed(2)} ms, p99 ${figures.appendMsP99.toFixed(2)} ms\n` +
      `verify                      ${verify.records} records in ${verify.seconds.toFixed(2)} s\n`,
  );
}

export const benchLedgerCommand = defineCommand({
  meta: {
    name: 'ledger',
    description: 'Durable appends next to the raw fdatasync rate of the same disk, and the offline check.',
  },
  args: {
    dir: {
      type: 'string',
      default: './platestream-bench',
      description: 'folder on the disk to measure; emptied afterwards',
    },
    quick: { type: 'boolean', description: 'two seconds a figure and 10^5 records instead of 10 s and 10^6' },
    json: { type: 'boolean', description: 'print the figures as JSON' },
  },
  async run({ args }) {
    mkdirSync(args.dir, { recursive: true });
    const folder = mkdtempSync(join(args.dir, 'ledger-'));
    try {
      const figures = await measure(folder, args.quick ? 2000 : 10_000, args.quick ? 100_000 : 1_000_000);
      if (args.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
      else print(figures);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
});
