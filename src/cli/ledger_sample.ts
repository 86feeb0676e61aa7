import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { readCheckpoints } from '../ledger/chain.js';
import { decodeCheckpoint } from '../ledger/checkpoint.js';
import { drawSample } from '../policy/areas/audits.js';
import { ledgerFolderOf, recordsOf } from './ledger_records.js';

interface Drawn {
  readonly auditId: string;
  readonly seed: string;
  /** Number of the signed checkpoint whose root the seed is; `null`: of none, so somebody may have chosen it. */
  readonly checkpoint: number | null;
  readonly size: number;
  readonly sample: readonly number[];
  /** Whether drawing again gives the sample on record. */
  readonly same: boolean;
}

/** Every sample on record, drawn again from its seed. */
function drawnAgain(folder: string): Drawn[] {
  const checkpoints = readCheckpoints(folder).lines.map(decodeCheckpoint);
  const seeds = new Map<string, string>();
  const found: Drawn[] = [];
  for (const { seq, action, effect } of recordsOf(folder)) {
    if (effect === undefined) continue;
    if (action === 'audit.open') seeds.set(`audit-${seq}`, (effect as { seed: string }).seed);
    if (action !== 'audit.sample') continue;
    const { auditId, size, sample } = effect as { auditId: string; size: number; sample: number[] };
    const seed = seeds.get(auditId) ?? '';
    const same = drawSample(seed, size, sample.length).join() === sample.join();
    const checkpoint = checkpoints.find(({ root }) => root === seed)?.number ?? null;
    found.push({ auditId, seed, checkpoint, size, sample, same });
  }
  return found;
}

function lineOf({ auditId, seed, checkpoint, size, sample, same }: Drawn): string {
  const origin = checkpoint === null ? 'of no signed checkpoint' : `root of checkpoint ${checkpoint}`;
  const verdict = same ? 'the same again' : 'NOT THE SAME: the sample on record is not the one its seed gives';
  return `${auditId}: ${sample.length} of ${size} records by seed ${seed.slice(0, 12) || 'none'} (${origin}): ${verdict}`;
}

/** Reads the ledger alone and changes nothing, so that anybody with a copy can do it [IV.C.6.b]. */
export const sampleCommand = defineCommand({
  meta: {
    name: 'sample',
    description: 'Draw the sample of every audit again; exit 0 only if each is the one on record.',
  },
  args: {
    dir: { type: 'positional', required: true, description: 'folder of the ledger, or the data directory' },
    json: { type: 'boolean', description: 'print JSON' },
  },
  run({ args }) {
    const folder = ledgerFolderOf(args.dir);
    if (!existsSync(folder)) {
      process.stderr.write(`${folder}: no such folder\n`);
      process.exitCode = 2;
      return;
    }
    const drawn = drawnAgain(folder);
    const text = drawn.map(lineOf).join('\n') || 'no audit has drawn a sample yet';
    process.stdout.write(`${args.json ? JSON.stringify(drawn) : text}\n`);
    process.exitCode = drawn.every(({ same }) => same) ? 0 : 1;
  },
});
