import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastestInference } from '../../src/pipeline/inference_choice.js';
import { loadModels } from '../../src/pipeline/models.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('which inference library');
const folder = mkdtempSync(join(tmpdir(), 'platestream-choice-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('what was measured is kept and believed; of other models, or damaged, it is measured anew', async () => {
  const models = loadModels();
  assert.ok(models.ok);
  const file = join(folder, 'inference.json');
  const kept = () => JSON.parse(readFileSync(file, 'utf8')) as { measuredOn: string; inference: 'onnx' | 'tfjs' };
  const measured = await fastestInference(models.value, file);
  assert.equal(kept().inference, measured);
  assert.deepEqual(readdirSync(folder), ['inference.json']);

  // The other one, written by hand, is what a start without measuring answers.
  const other = measured === 'onnx' ? 'tfjs' : 'onnx';
  writeFileSync(file, JSON.stringify({ ...kept(), inference: other }));
  assert.equal(await fastestInference(models.value, file), other);

  for (const stale of [JSON.stringify({ ...kept(), measuredOn: 'elsewhere' }), '{"inference":', '']) {
    writeFileSync(file, stale);
    assert.ok(['onnx', 'tfjs'].includes(await fastestInference(models.value, file)));
    assert.equal(kept().measuredOn.length, 64, 'kept anew');
  }
  const nowhere = join(folder, 'none', 'inference.json');
  assert.ok(['onnx', 'tfjs'].includes(await fastestInference(models.value, nowhere)), 'a folder that is not there');
});
