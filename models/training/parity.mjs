// Compares the TensorFlow.js graph models with the ONNX ones on the same inputs: `node parity.mjs [images.bin count]`.
// Exit code 1 when any output differs by more than 1e-3 (boxes: relative to the input's width).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as ort from 'onnxruntime-node';

const models = join(dirname(fileURLToPath(import.meta.url)), '..');
const root = join(models, '..');
const manifest = JSON.parse(readFileSync(join(models, 'manifest.json'), 'utf8'));
setWasmPaths(join(root, 'node_modules/@tensorflow/tfjs-backend-wasm/dist/'));
setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();

/** A graph model from disk: topology, weight list and one buffer. */
async function tfjs(part) {
  const topology = JSON.parse(readFileSync(join(models, part.tfjs.file), 'utf8'));
  const weights = readFileSync(join(models, part.tfjs.weights[0].file));
  const weightData = weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength);
  return loadGraphModel({
    load: async () => ({
      modelTopology: topology.modelTopology, signature: topology.signature, format: topology.format,
      weightSpecs: topology.weightsManifest.flatMap((group) => group.weights), weightData,
    }),
  });
}

function noise(count, seed) {
  const out = new Float32Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // Smooth as well as rough: a slow wave plus noise.
    out[i] = 127 + 80 * Math.sin(i * 0.01 * seed) + ((state >>> 24) - 128) * 0.35;
  }
  return out;
}

/** NCHW -> NHWC. */
function channelsLast(values, n, c, h, w) {
  const out = new Float32Array(values.length);
  for (let b = 0; b < n; b++)
    for (let k = 0; k < c; k++)
      for (let p = 0; p < h * w; p++) out[(b * h * w + p) * c + k] = values[(b * c + k) * h * w + p];
  return out;
}

let failed = false;
for (const [name, batch] of [['detector', 1], ['reader', 3]]) {
  const part = manifest[name];
  const { width, height, channels, name: input } = part.input;
  const session = await ort.InferenceSession.create(join(models, part.onnx.file), { intraOpNumThreads: 1 });
  const model = await tfjs(part);
  const outputs = name === 'detector' ? [part.output.name] : [part.outputs.chars, part.outputs.state];
  for (const seed of [3, 7, 11]) {
    const values = noise(batch * channels * height * width, seed);
    const theirs = await session.run({ [input]: new ort.Tensor('float32', values, [batch, channels, height, width]) });
    const x = tf.tensor(channelsLast(values, batch, channels, height, width), [batch, height, width, channels]);
    const started = performance.now();
    const ours = model.execute({ [input]: x }, outputs);
    const list = Array.isArray(ours) ? ours : [ours];
    for (let k = 0; k < outputs.length; k++) {
      const a = theirs[outputs[k]].data;
      const b = list[k].dataSync();
      if (a.length !== b.length) throw new Error(`${outputs[k]}: ${a.length} values against ${b.length}`);
      let worst = 0;
      const unit = (i) => (name === 'detector' && i % 5 !== 4 ? width : 1);
      for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]) / unit(i));
      failed ||= !(worst <= 1e-3);
      console.log(`${name} ${outputs[k]} seed ${seed}: largest difference ${worst.toExponential(2)}, wasm ${(performance.now() - started).toFixed(1)} ms`);
    }
  }
}
process.exit(failed ? 1 : 0);
