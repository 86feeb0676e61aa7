import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { calibrationOf, stateFiguresOf } from '../../src/evaluation/certainty.js';
import { editDistance, merged, normalised } from '../../src/evaluation/compare.js';
import { openLabelledSets } from '../../src/evaluation/labelled_sets.js';
import { matrixProductModel, matrixSide } from '../../src/evaluation/matrix_product.js';
import { cardFile, resultsFile, withFigures } from '../../src/evaluation/model_card.js';
import {
  calibrationError,
  chanceError,
  reliabilityBins,
  reliabilityDiagram,
} from '../../src/evaluation/reliability.js';
import type { Results } from '../../src/evaluation/table.js';
import { type Figures, Tally } from '../../src/evaluation/tally.js';
import { packagePath } from '../../src/package_root.js';
import { writeRenderedStill } from '../support/rendered_still.js';
import { suite } from '../support/suite.js';

const { test } = suite('evaluate');

const plate = fc.string({ unit: fc.constantFrom(...'AB01OI'), maxLength: 6 });

test('edit distance is a metric, 0 only for the same text', () => {
  fc.assert(
    fc.property(plate, plate, plate, (a, b, c) => {
      assert.equal(editDistance(a, b) === 0, a === b);
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c));
    }),
  );
  assert.equal(editDistance('ABC123', 'ABD12'), 2);
  assert.equal(merged('OI0'), '010');
  assert.equal(normalised('ab-1 2.c'), 'AB12C');
});

test('calibration error: honest claims have none, sure and wrong ones all of it', () => {
  const claims = (confidence: number, right: number, of: number) =>
    Array.from({ length: of }, (_, i) => ({ confidence, isRight: i < right }));
  assert.ok(calibrationError(reliabilityBins([...claims(0.75, 3, 4), ...claims(0.5, 2, 4)])) < 1e-9);
  assert.equal(calibrationError(reliabilityBins(claims(1, 0, 5))), 1);
  assert.match(reliabilityDiagram(reliabilityBins(claims(0.75, 3, 4))), /^<svg .*<\/svg>\n$/s);
});

test('what chance alone shows shrinks with the reads, never with another run, and is 0 for certainties', () => {
  const claims = (count: number) => Array.from({ length: count }, () => ({ confidence: 0.85, isRight: true }));
  assert.deepEqual(chanceError(claims(50)), chanceError(claims(50)));
  const [few, many] = [chanceError(claims(50)), chanceError(claims(2000))];
  assert.ok(few.mean > 3 * many.mean && few.upper > few.mean && many.mean > 0);
  // |mean of n draws - p| is on average sqrt(2 p (1 - p) / (pi n)).
  assert.ok(Math.abs(few.mean - Math.sqrt((2 * 0.85 * 0.15) / (Math.PI * 50))) < 0.005);
  assert.deepEqual(chanceError([{ confidence: 1, isRight: false }]), { mean: 0, upper: 0 });
});

test('a state is counted by its likeliest, by what is named, and by what is right of that', () => {
  const tally = new Tally();
  assert.equal(stateFiguresOf('none', tally), null);
  assert.equal(calibrationOf('none', [tally]), null);
  const claim = (confidence: number, isRight: boolean) => ({ confidence, isRight, isNamed: confidence >= 0.7 });
  tally.stateClaims.push(claim(0.95, true), claim(0.75, false), claim(0.5, true), claim(0.25, true));
  const figures = stateFiguresOf('some', tally);
  assert.deepEqual([figures?.top1, figures?.named, figures?.namedRight], [75, 50, 50]);
});

test('the yardstick is a matrix product', async () => {
  const session = await InferenceSession.create(matrixProductModel());
  const count = matrixSide * matrixSide;
  const [a, b] = [new Float32Array(count).fill(0), new Float32Array(count).fill(2)];
  a[1] = 3;
  const shape = [matrixSide, matrixSide];
  const { product } = await session.run({ a: new Tensor('float32', a, shape), b: new Tensor('float32', b, shape) });
  assert.deepEqual([product?.data[0], product?.data[matrixSide - 1], product?.data[matrixSide]], [6, 6, 0]);
});

test('a label that is none is refused with its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-sets-'));
  mkdirSync(join(folder, 'one', 'images'), { recursive: true });
  writeFileSync(join(folder, 'one', 'labels.jsonl'), '{"file":"a.jpg","width":1,"height":1,"boxes":[]}\n{"file":3}\n');
  const sets = openLabelledSets(folder);
  assert.ok(!sets.ok && sets.error.includes('labels.jsonl:2'));
  assert.ok(!openLabelledSets(join(folder, 'none')).ok);
});

test('a rendered plate read right counts as right; one that is not labelled is reported beside', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-sets-'));
  mkdirSync(join(folder, 'images'));
  const { width, height, plates } = await writeRenderedStill(join(folder, 'images', 'street.png'));
  const boxes = plates.map(({ plate, box }) => [box.x, box.y, box.width, box.height, plate]);
  assert.ok(boxes.length > 0);
  const row = async (labels: object) => {
    writeFileSync(
      join(folder, 'labels.jsonl'),
      `${JSON.stringify({ file: 'street.png', width, height, ...labels })}\n`,
    );
    return (await evaluate(folder)).sets[0] as Figures;
  };
  const labelled = await row({ boxes });
  assert.deepEqual(
    [labelled.texts, labelled.strict, labelled.recall, labelled.falsePerImage],
    [boxes.length, 100, 100, 0],
  );
  assert.equal((await row({ boxes: [] })).falsePerImage, boxes.length);
  const wrong = await row({ boxes: boxes.map(([x, y, w, h]) => [x, y, w, h, 'WRONG99']) });
  assert.deepEqual([wrong.strict, wrong.recall], [0, 100]);
  rmSync(folder, { recursive: true });
});

/** The command's JSON. */
async function evaluate(folder: string): Promise<Results> {
  const failures = join(folder, 'failures');
  const program = packagePath('bin', 'platestream.js');
  const { stdout } = await promisify(execFile)(process.execPath, [
    program,
    'evaluate',
    '--data',
    folder,
    '--json',
    '--failures',
    failures,
  ]);
  assert.ok(existsSync(join(failures, 'reliability.svg')));
  return JSON.parse(stdout) as Results;
}

test("the model card's figures are those of the last results", () => {
  const results = JSON.parse(readFileSync(resultsFile(), 'utf8')) as Results;
  const card = readFileSync(cardFile(), 'utf8');
  assert.equal(withFigures(card, results), card);
  const manifest = JSON.parse(readFileSync(packagePath('models', 'manifest.json'), 'utf8'));
  assert.equal(results.model, `${manifest.detector.recipe}+${manifest.reader.recipe}`);
});

test('a folder that is not there is one line and exit code 2', async () => {
  const program = packagePath('bin', 'platestream.js');
  await assert.rejects(
    promisify(execFile)(process.execPath, [program, 'evaluate', '--data', '/nowhere']),
    (error: { code: number; stderr: string }) =>
      error.code === 2 && /^platestream: .*no such folder.*\n$/.test(error.stderr),
  );
});
