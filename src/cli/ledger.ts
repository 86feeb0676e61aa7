import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { type Verdict, verifyLedger } from '../ledger/verify/verify.js';
import { sampleCommand } from './ledger_sample.js';

function refuseUsage(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 2;
}

function isLedger(folder: string): boolean {
  return existsSync(join(folder, 'ledger.pub'));
}

/** A data directory may be given instead of the ledger folder in it. */
function ledgerFolder(given: string): string {
  return !isLedger(given) && isLedger(join(given, 'ledger')) ? join(given, 'ledger') : given;
}

/** The last line of a witness that is a whole checkpoint: a cut may have left a part of one behind it. */
function lastCheckpoint(file: string): string {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.findLast((line) => /^\{"number":.*"signature":"[^"]+"\}$/.test(line)) ?? '';
}

function lineOf(verdict: Verdict, seconds: number, hasWitness: boolean): string {
  const counted = `${verdict.records} records, ${verdict.checkpoints} signed checkpoints, ${seconds.toFixed(1)} s`;
  if (verdict.firstBad) return `NOT WHOLE: ${verdict.firstBad.sentence} (${counted} up to there)`;
  const without = hasWitness
    ? ''
    : '\nnot known without a witness: whether an older copy of the whole folder was put back (give --witness FILE)';
  const unsigned =
    verdict.unsignedRecords > 0 ? `; the last ${verdict.unsignedRecords} are chained but not signed yet` : '';
  return `whole: ${counted}${unsigned}\nlast hash ${verdict.headHash}\nsigned by ${verdict.key}${without}`;
}

const verifyCommand = defineCommand({
  meta: {
    name: 'verify',
    description: 'Check a ledger offline; exit 0 only if it is whole, else the first bad record is named.',
  },
  args: {
    dir: { type: 'positional', required: true, description: 'folder of the ledger, or the data directory' },
    json: { type: 'boolean', description: 'print the verdict as JSON' },
    'public-key': { type: 'string', description: 'PEM file kept elsewhere, instead of ledger.pub in the folder' },
    witness: { type: 'string', description: 'file whose last line is a checkpoint kept elsewhere' },
  },
  run({ args }) {
    const folder = ledgerFolder(args.dir);
    const publicKey = args['public-key'];
    for (const file of [publicKey, args.witness].filter((name) => name !== undefined)) {
      if (!existsSync(file)) return refuseUsage(`${file}: no such file`);
    }
    if (!isLedger(folder) && publicKey === undefined) {
      return refuseUsage(`${args.dir}: not a ledger (no ledger.pub in it); give the folder that holds segment-*.jsonl`);
    }
    const startedAt = performance.now();
    const verdict = verifyLedger(folder, {
      ...(publicKey !== undefined && { publicPem: readFileSync(publicKey, 'utf8') }),
      ...(args.witness !== undefined && {
        witness: lastCheckpoint(args.witness),
      }),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    process.stdout.write(
      `${args.json ? JSON.stringify({ ...verdict, seconds }) : lineOf(verdict, seconds, args.witness !== undefined)}\n`,
    );
    process.exitCode = verdict.ok ? 0 : 1;
  },
});

const witnessCommand = defineCommand({
  meta: { name: 'witness', description: 'Print the latest signed checkpoint, to be kept where the ledger is not.' },
  args: { dir: { type: 'positional', required: true, description: 'folder of the ledger, or the data directory' } },
  run({ args }) {
    const file = join(ledgerFolder(args.dir), 'checkpoints.jsonl');
    const last = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) : undefined;
    if (last) process.stdout.write(`${last}\n`);
    else refuseUsage(`${args.dir}: no checkpoint there; give the folder of a ledger that has been written to`);
  },
});

export const ledgerCommand = defineCommand({
  meta: { name: 'ledger', description: 'The record of everything done and refused.' },
  subCommands: { verify: verifyCommand, witness: witnessCommand, sample: sampleCommand },
});
