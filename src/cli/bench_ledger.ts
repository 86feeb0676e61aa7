import { closeSync, fdatasyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { assert } from '../data/result.js';
import type { Ledger, LedgerOptions } from '../ledger/ledger.js';
import { openLedger } from '../ledger/open.js';
import type { Draft } from '../ledger/record.js';
import { newSigningKey } from '../ledger/signing_key.js';
import { verifyLedger } from '../ledger/verify/verify.js';
import { systemClock } from '../observe/clock.js';
import { restoreState, takeSnapshot } from '../policy/snapshot.js';

/** A record as long as that of a search, all of it invented; an intent would be abandoned at the next start. */
const sample: Draft = {
  action: 'view.show',
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
  /** Of one write and one fdatasync: nothing durable is quicker on this disk. */
  readonly rawFdatasyncMsP50: number;
  readonly rawFdatasyncMsP99: number;
  readonly appendMsP50: number;
  readonly appendMsP99: number;
  readonly durableRecordsPerSecond: number;
  readonly writers: number;
  readonly verify: { readonly records: number; readonly seconds: number };
  readonly start: StartFigures;
}

/** What the start of a program costs: checking the chain, then the state from the first record, and from a snapshot. */
interface StartFigures {
  readonly records: number;
  readonly openSeconds: number;
  readonly fullFoldSeconds: number;
  readonly snapshotSeconds: number;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

/** One 600-byte write and one fdatasync, again and again, on the same disk: what a ledger without group commit could reach. */
function rawSyncs(folder: string, forMs: number): number[] {
  const file = openSync(join(folder, 'raw'), 'a');
  const line = Buffer.alloc(600, 120);
  const ms: number[] = [];
  const startedAt = performance.now();
  while (performance.now() - startedAt < forMs) {
    const askedAt = performance.now();
    writeSync(file, line);
    fdatasyncSync(file);
    ms.push(performance.now() - askedAt);
  }
  closeSync(file);
  return ms;
}

interface Latencies {
  readonly raw: readonly number[];
  readonly append: readonly number[];
}

/** The bare disk and the ledger by turns, so that whatever else the disk has to do meets both. */
async function byTurns(folder: string, ledger: Ledger, forMs: number): Promise<Latencies> {
  const [raw, append]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn += 1) {
    raw.push(...rawSyncs(folder, forMs / turns));
    append.push(...(await appendFor(ledger, 16, forMs / turns)).ms);
  }
  return { raw: raw.sort((a, b) => a - b), append: append.sort((a, b) => a - b) };
}

const turns = 10;

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
  return { ms, perSecond: ms.length / ((performance.now() - startedAt) / 1000) };
}

/** A start of the same ledger: with everything to fold, then with the snapshot a stop before has left. */
async function startOf(options: LedgerOptions, snapshot: string): Promise<StartFigures> {
  const openedAt = performance.now();
  const opened = await openLedger(options);
  assert(opened.ok, 'the bench can open its ledger again');
  const foldAt = performance.now();
  const full = restoreState(`${snapshot}.none`, opened.value);
  const foldedAt = performance.now();
  await takeSnapshot(snapshot, full, opened.value);
  const restoreAt = performance.now();
  const restored = restoreState(snapshot, opened.value);
  const restoredAt = performance.now();
  assert(restored.users.size === full.users.size && restored.sequence > full.sequence, 'both are the same state');
  await opened.value.close();
  return {
    records: full.sequence,
    openSeconds: (foldAt - openedAt) / 1000,
    fullFoldSeconds: (foldedAt - foldAt) / 1000,
    snapshotSeconds: (restoredAt - restoreAt) / 1000,
  };
}

async function measure(folder: string, forMs: number, records: number): Promise<Figures> {
  const dir = join(folder, 'ledger');
  const options = {
    dir,
    clock: systemClock,
    policySha256: '0'.repeat(64),
    signingKey: newSigningKey(),
    lastSignedFile: `${dir}.last`,
  };
  const opened = await openLedger(options);
  assert(opened.ok, 'the bench can open a ledger');
  const ledger = opened.value;
  const { raw, append } = await byTurns(folder, ledger, forMs);
  const many = await appendFor(ledger, 256, forMs);
  while (ledger.size < records) await Promise.all(Array.from({ length: 4096 }, () => ledger.append(sample)));
  await ledger.close();
  const startedAt = performance.now();
  const verdict = verifyLedger(dir);
  assert(verdict.ok, 'the ledger of the bench is whole');
  const verifiedAt = performance.now();
  return {
    rawFdatasyncPerSecond: (1000 * raw.length) / raw.reduce((sum, ms) => sum + ms, 0),
    rawFdatasyncMsP50: percentile(raw, 0.5),
    rawFdatasyncMsP99: percentile(raw, 0.99),
    appendMsP50: percentile(append, 0.5),
    appendMsP99: percentile(append, 0.99),
    durableRecordsPerSecond: many.perSecond,
    writers: 256,
    verify: { records: verdict.records, seconds: (verifiedAt - startedAt) / 1000 },
    start: await startOf(options, join(folder, 'snapshot.json')),
  };
}

function print(figures: Figures): void {
  const { verify, start } = figures;
  process.stdout.write(
    `raw fdatasync of the disk   ${figures.rawFdatasyncPerSecond.toFixed(0)} /s, ` +
      `p50 ${figures.rawFdatasyncMsP50.toFixed(2)} ms, p99 ${figures.rawFdatasyncMsP99.toFixed(2)} ms\n` +
      `durable records             ${figures.durableRecordsPerSecond.toFixed(0)} /s with ${figures.writers} writers\n` +
      `append, 16 writers          p50 ${figures.appendMsP50.toFixed(2)} ms, p99 ${figures.appendMsP99.toFixed(2)} ms\n` +
      `verify                      ${verify.records} records in ${verify.seconds.toFixed(2)} s\n` +
      `start, ${start.records} records     chain ${start.openSeconds.toFixed(2)} s, then state ${start.fullFoldSeconds.toFixed(2)} s in full, ` +
      `${start.snapshotSeconds.toFixed(2)} s from a snapshot\n`,
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
