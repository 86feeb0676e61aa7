import { hash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import type { Piscina } from 'piscina';
import { z } from 'zod';
import { lookEverywhere } from '../data/look.js';
import type { SlotLayout } from '../data/slot_layout.js';
import type { Job, Recognised } from './job.js';
import type { Models } from './models.js';
import { openPool } from './pool.js';

type Inference = 'onnx' | 'tfjs';
const remembered = z.strictObject({ measuredOn: z.string(), inference: z.enum(['onnx', 'tfjs']) });

/**
 * The inference library that is faster here. Measuring starts both, which on a cold or busy machine takes longer than all else of an
 * engine's start: what was measured is kept in `file` and holds while models, processor and Node.js are the same.
 */
export async function fastestInference(models: Models, file: string | null): Promise<Inference> {
  const here = fingerprint(models);
  const known = file === null ? null : recall(file);
  if (known?.measuredOn === here) return known.inference;
  const inference = await measure(models);
  if (file !== null) remember(file, { measuredOn: here, inference });
  return inference;
}

/** What the choice depends on. */
function fingerprint({ manifest }: Models): string {
  const { arch, platform, version } = process;
  return hash('sha256', JSON.stringify([manifest, cpus()[0]?.model, arch, platform, version]), 'hex');
}

function recall(file: string): z.infer<typeof remembered> | null {
  try {
    return remembered.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Only a help: a disk that does not take it costs the next start its measuring. */
function remember(file: string, choice: z.infer<typeof remembered>): void {
  try {
    writeFileSync(`${file}.new`, JSON.stringify(choice));
    renameSync(`${file}.new`, file);
  } catch {}
}

/** Times both inference libraries on a grey frame and names the faster; one that cannot start is not chosen. */
async function measure(models: Models): Promise<Inference> {
  const times = new Map<Inference, number>();
  for (const inference of ['onnx', 'tfjs'] as const) {
    const pool = await openPool(models, inference, 1);
    if (!pool.ok) continue;
    times.set(inference, await timeOf(pool.value, models));
    await pool.value.close();
  }
  return (times.get('tfjs') ?? Number.POSITIVE_INFINITY) < (times.get('onnx') ?? Number.POSITIVE_INFINITY)
    ? 'tfjs'
    : 'onnx';
}

async function timeOf(pool: Piscina, models: Models): Promise<number> {
  const { width, height } = models.manifest.detector.input;
  const luma = width * height;
  const layout: SlotLayout = {
    width,
    height,
    uOffset: luma,
    vOffset: (luma * 5) / 4,
    thumbOffset: (luma * 3) / 2,
    thumbWidth: width,
    thumbHeight: height,
    thumbScale: 1,
    bytes: (luma * 5) / 2,
  };
  const buffer = new SharedArrayBuffer(layout.bytes);
  const job: Job = { kind: 'recognise', look: lookEverywhere, motion: [], buffer, slot: 0, layout };
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 6; i++) best = Math.min(best, ((await pool.run(job)) as Recognised).detectMs);
  return best;
}
