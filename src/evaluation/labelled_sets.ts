import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { Box } from '../data/box.js';
import { fail, ok, type Result } from '../data/result.js';

/** A plate of a labelled scene; `text` is null where nobody wrote it down. */
export interface LabelledPlate {
  readonly box: Box;
  readonly text: string | null;
}

/** Boxes are in pixels of the size that the label states; the file may have another. */
export interface LabelledScene {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly plates: readonly LabelledPlate[];
}

/** A picture that is one plate. */
export interface LabelledCrop {
  readonly file: string;
  readonly text: string;
  readonly state: string | null;
}

/** A folder with `images/` and `labels.jsonl`. */
export interface LabelledSet {
  readonly name: string;
  readonly scenes: readonly LabelledScene[];
  readonly crops: readonly LabelledCrop[];
}

const side = z.number().positive();
const sceneLabel = z.object({
  file: z.string(),
  width: side,
  height: side,
  boxes: z.array(z.tuple([z.number(), z.number(), side, side], z.string().nullable())),
});
const cropLabel = z.object({ file: z.string(), text: z.string().nullable(), state: z.string().nullish() });
const labelsFile = 'labels.jsonl';

/** Reads `folder` itself if it is a set, else the sets in it, by name. @returns one line that says which file and line is not as it should be. */
export function openLabelledSets(folder: string): Result<LabelledSet[], string> {
  if (existsSync(join(folder, labelsFile))) return one(folder);
  if (!existsSync(folder))
    return fail(`${folder}: no such folder; --data names one that holds sets (images/ and ${labelsFile})`);
  const sets: LabelledSet[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (!existsSync(join(folder, name, labelsFile))) continue;
    const set = one(join(folder, name));
    if (!set.ok) return set;
    sets.push(...set.value);
  }
  return sets.length > 0 ? ok(sets) : fail(`${folder}: holds no set (a folder with images/ and ${labelsFile})`);
}

function one(folder: string): Result<LabelledSet[], string> {
  const [scenes, crops]: [LabelledScene[], LabelledCrop[]] = [[], []];
  for (const [i, line] of readFileSync(join(folder, labelsFile), 'utf8').split('\n').entries()) {
    if (line.trim() === '') continue;
    const label = parsed(line);
    if (!label) return fail(`${join(folder, labelsFile)}:${i + 1}: neither a scene's label nor a crop's`);
    const file = join(folder, 'images', basename(label.file));
    if (!existsSync(file)) continue;
    if ('boxes' in label) scenes.push(scene(file, label));
    else if (label.text) crops.push({ file, text: label.text, state: label.state ?? null });
  }
  return ok([{ name: basename(folder), scenes, crops }]);
}

function parsed(line: string): z.infer<typeof sceneLabel> | z.infer<typeof cropLabel> | null {
  try {
    const value: unknown = JSON.parse(line);
    return sceneLabel.safeParse(value).data ?? cropLabel.safeParse(value).data ?? null;
  } catch {
    return null;
  }
}

function scene(file: string, { width, height, boxes }: z.infer<typeof sceneLabel>): LabelledScene {
  const plates = boxes.map(([x, y, w, h, text]) => ({ box: { x, y, width: w, height: h }, text: text || null }));
  return { file, width, height, plates };
}
