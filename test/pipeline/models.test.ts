import { strict as assert } from 'node:assert';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { loadModels, type Models } from '../../src/pipeline/models.js';
import { openPipeline } from '../../src/pipeline/pipeline.js';
import { pipelineSettings } from '../../src/pipeline/settings.js';
import { scoredBoxes, suppress } from '../../src/pipeline/worker/boxes.js';
import type { Network } from '../../src/pipeline/worker/engine.js';
import { openOnnxEngine } from '../../src/pipeline/worker/engine_onnx.js';
import { openTfjsEngine } from '../../src/pipeline/worker/engine_tfjs.js';
import { suite } from '../support/suite.js';

const { test } = suite('models');

function shipped(): Models {
  const models = loadModels();
  assert.ok(models.ok, models.ok ? '' : models.error);
  return models.value;
}

test('a model with one byte changed is refused before it runs [III.B]', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-models-'));
  cpSync(packagePath('models'), folder, { recursive: true });
  const manifest = join(folder, 'manifest.json');
  const { folder: _, manifest: parsed } = shipped();
  for (const file of [parsed.detector.onnx.file, parsed.reader.tfjs.file]) {
    const whole = readFileSync(join(folder, file));
    const altered = Buffer.from(whole);
    altered[altered.length >> 1] = (altered[altered.length >> 1] as number) ^ 1;
    writeFileSync(join(folder, file), altered);
    const opened = await openPipeline(pipelineSettings.parse({ manifest, inference: 'onnx' }));
    assert.ok(!opened.ok && opened.error.includes('SHA-256'));
    writeFileSync(join(folder, file), whole);
  }
});

/** A picture with structure, the same in every run. */
function pattern(length: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return 128 + 90 * Math.sin(i / 37) + (state >>> 27);
  });
}

async function largestDifference(
  a: Network,
  b: Network,
  shape: [number, number, number, number],
  output: string,
  weigh: (i: number) => number,
) {
  const input = pattern(shape.reduce((x, y) => x * y));
  const [x, y] = [(await a.run(input, shape))[output], (await b.run(input, shape))[output]];
  assert.ok(x && y && x.values.length === y.values.length && x.values.length > 0);
  let largest = 0;
  for (let i = 0; i < x.values.length; i++)
    largest = Math.max(largest, Math.abs((x.values[i] as number) - (y.values[i] as number)) * weigh(i));
  return largest;
}

test('ONNX Runtime and TensorFlow.js give the same outputs to 1e-3', async () => {
  const models = shipped();
  const { detector, reader } = models.manifest;
  const [onnx, tfjs] = [await openOnnxEngine(models), await openTfjsEngine(models)];
  const shape: [number, number, number, number] = [1, 1, detector.input.height, detector.input.width];
  // Corners are in pixels: compared as shares of the input's width; scores as they are.
  const asShare = (i: number) => (i % 5 === 4 ? 1 : 1 / detector.input.width);
  assert.ok((await largestDifference(onnx.detector, tfjs.detector, shape, detector.output.name, asShare)) <= 1e-3);
  const plates: [number, number, number, number] = [2, 3, reader.input.height, reader.input.width];
  for (const output of Object.values(reader.outputs)) {
    assert.ok((await largestDifference(onnx.reader, tfjs.reader, plates, output, () => 1)) <= 1e-3, output);
  }
});

test('suppression keeps the best of overlapping boxes and drops weak ones', () => {
  const rows = new Float32Array([10, 10, 60, 30, 0.9, 12, 11, 62, 31, 0.8, 200, 100, 240, 120, 0.7, 5, 5, 9, 9, 0.1]);
  const kept = suppress(scoredBoxes(rows, 5, 0.3), 0.4);
  assert.deepEqual(
    kept.map((box) => Math.round(box.score * 10)),
    [9, 7],
  );
});
