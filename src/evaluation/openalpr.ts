import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Box, iou } from '../data/box.js';
import { fail, ok, type Result } from '../data/result.js';
import { editDistance, merged, normalised } from './compare.js';
import type { LabelledScene, LabelledSet } from './labelled_sets.js';
import { Tally } from './tally.js';

const run = promisify(execFile);
const corner = z.object({ x: z.number(), y: z.number() });
const output = z.object({
  processing_time_ms: z.number(),
  results: z.array(z.object({ plate: z.string(), confidence: z.number(), coordinates: z.array(corner).min(1) })),
});

/** Its country by the end of the set's name; sets without one are left out. */
const countryOf = (set: string) => /-(us|eu|br)$/.exec(set)?.[1] ?? null;

/** Reads the scenes of a set with the `alpr` program (Debian: openalpr). @returns null when the set's country is not known */
export async function measureOpenAlpr({ name, scenes }: LabelledSet): Promise<Result<Tally | null, string>> {
  const country = countryOf(name);
  if (!country || scenes.length === 0) return ok(null);
  const tally = new Tally();
  for (const scene of scenes) {
    const found = await alpr(country, scene.file);
    if (!found.ok) return found;
    count(scene, found.value, tally);
  }
  return ok(tally);
}

async function alpr(country: string, file: string): Promise<Result<z.infer<typeof output>, string>> {
  try {
    const { stdout } = await run('alpr', ['-j', '-n', '1', '-c', country, file], { maxBuffer: 1 << 24 });
    return ok(output.parse(JSON.parse(stdout)));
  } catch (error) {
    return fail(`alpr: ${(error as Error).message.split('\n')[0]} (apt-get install openalpr)`);
  }
}

function count({ plates }: LabelledScene, { processing_time_ms, results }: z.infer<typeof output>, tally: Tally): void {
  const reads = results.map(({ plate, coordinates }) => ({ text: normalised(plate), box: around(coordinates) }));
  tally.images += 1;
  tally.detectMs.push(processing_time_ms);
  for (const { box, text } of plates) {
    const best = reads.map((one) => ({ one, share: iou(one.box, box) })).sort((a, b) => b.share - a.share)[0];
    tally.boxes += 1;
    tally.found += best && best.share >= 0.5 ? 1 : 0;
    tally.reported = tally.found;
    if (text === null) continue;
    const read = best && best.share > 0.1 ? best.one.text : '';
    tally.texts += 1;
    tally.strict += read === normalised(text) ? 1 : 0;
    tally.merged += merged(read) === merged(normalised(text)) ? 1 : 0;
    tally.withinOne += editDistance(read, normalised(text)) <= 1 ? 1 : 0;
  }
  tally.reportedBeside += reads.filter(({ box }) => plates.every((plate) => iou(box, plate.box) <= 0)).length;
}

function around(corners: readonly { readonly x: number; readonly y: number }[]): Box {
  const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}
