import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lookEverywhere } from '../../src/data/look.js';
import { openLabelledSets } from '../../src/evaluation/labelled_sets.js';
import { decodeStill } from '../../src/ingest/still.js';
import { loadModels, type Models } from '../../src/pipeline/models.js';
import { openRecogniser, type Recogniser } from '../../src/pipeline/worker/recogniser.js';
import { writeRenderedStill } from '../support/rendered_still.js';
import { sharedPath } from '../support/shared_data.js';
import { suite } from '../support/suite.js';

const { test, skip, before } = suite('engines agree');
let models: Models;
let engines: readonly [Recogniser, Recogniser];

before(async () => {
  const loaded = loadModels();
  assert.ok(loaded.ok, loaded.ok ? '' : loaded.error);
  models = atOneSize(loaded.value);
  engines = [await openRecogniser({ models, inference: 'onnx' }), await openRecogniser({ models, inference: 'tfjs' })];
});

/** TensorFlow.js takes the detector's input at one size only; ONNX Runtime would be shown less padding, and more windows. */
function atOneSize({ manifest, ...rest }: Models): Models {
  const input = { ...manifest.detector.input, dynamic: false };
  return { ...rest, manifest: { ...manifest, detector: { ...manifest.detector, input } } };
}

/** What each engine makes of one picture. */
async function readTwice(file: string) {
  const still = await decodeStill(file, models.manifest.detector.input);
  assert.ok(still.ok, file);
  const { slot, layout } = still.value;
  return Promise.all(
    engines.map(async (engine) => (await engine.recognise(slot, layout, lookEverywhere, [])).candidates),
  );
}

/** @returns how many plates were compared */
async function assertAlike(file: string): Promise<number> {
  const [onnx, tfjs] = await readTwice(file);
  assert.ok(onnx && tfjs);
  const texts = (found: typeof onnx) => found.map(({ alternatives }) => alternatives[0]?.text ?? '');
  assert.deepEqual(texts(onnx), texts(tfjs), file);
  for (const [i, one] of onnx.entries()) {
    const other = tfjs[i] as typeof one;
    const confidence = (candidate: typeof one) => candidate.alternatives[0]?.confidence ?? 0;
    assert.ok(Math.abs(one.score - other.score) <= 1e-3, file);
    assert.ok(Math.abs(confidence(one) - confidence(other)) <= 1e-3, file);
  }
  return onnx.length;
}

for (const scene of ['plate-100', 'two-line', 'multi-state', 'demo-night']) {
  test(`ONNX Runtime and TensorFlow.js read the rendered scene ${scene} alike`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-parity-'));
    const file = join(folder, 'still.png');
    const { plates } = await writeRenderedStill(file, scene);
    const compared = await assertAlike(file);
    assert.ok(plates.length === 0 || compared > 0);
    rmSync(folder, { recursive: true });
  });
}

const validation = sharedPath('validation');
if ('skip' in validation) skip('the engines read every validation picture alike', validation.skip);
else {
  const sets = openLabelledSets(validation.path);
  for (const { name, scenes } of sets.ok ? sets.value : []) {
    test(`ONNX Runtime and TensorFlow.js read every picture of ${name} alike`, async () => {
      for (const { file } of scenes) await assertAlike(file);
    });
  }
}
