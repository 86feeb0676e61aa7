import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { type Calibration, calibrationOf, stateFiguresOf } from '../evaluation/certainty.js';
import { drawFailures } from '../evaluation/failure_sheet.js';
import { type LabelledSet, openLabelledSets } from '../evaluation/labelled_sets.js';
import { Measuring, namingEveryState } from '../evaluation/measure.js';
import { writeCard } from '../evaluation/model_card.js';
import { measureOpenAlpr } from '../evaluation/openalpr.js';
import { reliabilityBins, reliabilityDiagram } from '../evaluation/reliability.js';
import { type Results, reportOf } from '../evaluation/table.js';
import { type Figures, figuresOf, type Tally } from '../evaluation/tally.js';
import { timeNetworks } from '../evaluation/yardstick.js';
import { packageRoot } from '../package_root.js';
import { loadModelsFor } from '../pipeline/expected_regions.js';
import type { Models } from '../pipeline/models.js';
import { openRecogniser } from '../pipeline/worker/recogniser.js';
import { oneOf, regionsIn, usageError } from './usage.js';

/** `platestream evaluate` (`npm run evaluate`): how well the models read folders of labelled pictures. */
export const evaluateCommand = defineCommand({
  meta: {
    name: 'evaluate',
    description:
      'Measures the models on labelled pictures (sets with images/ and labels.jsonl, scenes or crops), with the very code that ' +
      'cameras get: whole plate right (strict; with 0=O and 1=I merged; edit distance <= 1), recall at IoU 0.5, plates reported ' +
      'where none is labelled, state, expected calibration error, milliseconds. Pictures of the failures go to a temporary folder.',
  },
  args: {
    data: {
      type: 'string',
      description: 'a set, or a folder of sets, or several with commas (default: ../shared/data/validation)',
    },
    json: { type: 'boolean', description: 'print the figures as JSON' },
    engine: { type: 'string', default: 'onnx', description: 'onnx|tfjs' },
    failures: { type: 'string', description: 'folder for the pictures of failures and the reliability diagram' },
    against: { type: 'string', description: 'openalpr: measure it on the same pictures in the same run' },
    regions: { type: 'string', description: 'where most plates come from, as for read' },
    manifest: { type: 'string', description: "another model pair's manifest.json" },
    card: { type: 'boolean', description: 'write the figures to models/results.json and models/README.md' },
  },
  async run({ args }) {
    const inference = oneOf('--engine', args.engine, ['onnx', 'tfjs'] as const);
    if (args.against !== undefined) oneOf('--against', args.against, ['openalpr'] as const);
    const models = loadModelsFor(args.manifest, regionsIn(args.regions));
    if (!models.ok) return usageError(models.error);
    const sets = setsIn(args.data ?? join(packageRoot(), '..', 'shared', 'data', 'validation'));
    const folder = failuresFolder(args.failures);
    const results: Results = {
      model: models.value.name,
      engine: inference,
      ...(await measured(models.value, inference, sets, folder)),
      times: inference === 'onnx' ? await timeNetworks(models.value) : null,
      ...(args.against === undefined ? {} : { against: await others(sets) }),
    };
    if (args.card) writeCard(results);
    process.stdout.write(args.json ? `${JSON.stringify(results)}\n` : reportOf(results));
    process.stderr.write(`failures and reliability: ${folder}\n`);
  },
});

function setsIn(folders: string): LabelledSet[] {
  return folders.split(',').flatMap((folder) => {
    const sets = openLabelledSets(folder);
    return sets.ok ? sets.value : usageError(sets.error);
  });
}

function failuresFolder(wanted: string | undefined): string {
  if (wanted === undefined) return mkdtempSync(join(tmpdir(), 'platestream-evaluate-'));
  mkdirSync(wanted, { recursive: true });
  return wanted;
}

async function measured(
  models: Models,
  inference: 'onnx' | 'tfjs',
  sets: readonly LabelledSet[],
  folder: string,
): Promise<Pick<Results, 'sets' | 'calibration' | 'states'>> {
  const measuring = new Measuring(await openRecogniser({ models: namingEveryState(models), inference }, true), models);
  const tallies: SetTally[] = [];
  for (const set of sets) {
    const { tally, failures } = await measuring.set(set, progress(set));
    tallies.push({ name: set.name, tally, isScenes: set.scenes.length > 0 });
    await drawFailures(set.name, failures, folder);
  }
  const claims = tallies.flatMap(({ tally }) => tally.claims);
  writeFileSync(join(folder, 'reliability.svg'), reliabilityDiagram(reliabilityBins(claims)));
  return {
    sets: tallies.map(({ name, tally, isScenes }) => figuresOf(name, tally, isScenes)),
    calibration: calibrations(tallies),
    states: tallies.map(({ name, tally }) => stateFiguresOf(name, tally)).filter((row) => row !== null),
  };
}

/** Sets of drawn plates (`models/training/massachusetts.py`). */
const renderedPrefix = 'rendered-';

interface SetTally {
  readonly name: string;
  readonly tally: Tally;
  readonly isScenes: boolean;
}

/** Of each set, and of all photographs pooled: a few dozen reads show nothing finer than chance. */
function calibrations(tallies: readonly SetTally[]): Calibration[] {
  const photographs = tallies.filter(({ name }) => !name.startsWith(renderedPrefix));
  const pooled = (name: string, isScenes: boolean) =>
    calibrationOf(
      name,
      photographs.filter((one) => one.isScenes === isScenes).map(({ tally }) => tally),
    );
  const each = tallies.map(({ name, tally }) => calibrationOf(name, [tally]));
  return [...each, pooled('all scenes', true), pooled('all crops', false)].filter((row) => row !== null);
}

async function others(sets: readonly LabelledSet[]): Promise<Figures[]> {
  const figures: Figures[] = [];
  for (const set of sets) {
    const tally = await measureOpenAlpr(set);
    if (!tally.ok) return usageError(tally.error);
    if (tally.value) figures.push(figuresOf(set.name, tally.value, true));
  }
  return figures;
}

/** A line on the terminal that counts up. */
function progress({ name, scenes, crops }: LabelledSet): (done: number) => void {
  const total = scenes.length + crops.length;
  return (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${name} ${done}/${total}${done === total ? '\n' : ''}`);
  };
}
