import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import { type io, ready, setBackend, type Tensor, tensor4d } from '@tensorflow/tfjs-core';
import type { Models } from '../models.js';
import type { Engine, Network, NetworkOutput } from './engine.js';

/** TensorFlow.js: tfjs-node when the user has installed it, else WebAssembly (SIMD, one thread). */
export async function openTfjsEngine({ folder, manifest }: Models): Promise<Engine> {
  const backend = await startBackend();
  return {
    name: `tfjs-${backend}`,
    detector: await openNetwork(join(folder, manifest.detector.tfjs.file), [manifest.detector.output.name]),
    reader: await openNetwork(join(folder, manifest.reader.tfjs.file), Object.values(manifest.reader.outputs)),
  };
}

async function startBackend(): Promise<string> {
  const require = createRequire(import.meta.url);
  try {
    require('@tensorflow/tfjs-node');
    if (await setBackend('tensorflow')) return 'node';
  } catch {
    // Optional: not installed, or it does not run on this Node.
  }
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  setThreadsCount(1);
  await setBackend('wasm');
  await ready();
  return 'wasm';
}

async function openNetwork(file: string, outputNames: readonly string[]): Promise<Network> {
  const model = await loadGraphModel(fromDisk(file));
  return {
    anySize: false,
    async run(input, [n, c, h, w]) {
      const image = tensor4d(c === 1 ? input : toNhwc(input, n, c, h, w), [n, h, w, c]);
      const results = execute(model, image, outputNames);
      const outputs: Record<string, NetworkOutput> = {};
      for (const [index, name] of outputNames.entries()) {
        const tensor = results[index] as Tensor;
        outputs[name] = { values: (await tensor.data()) as Float32Array, shape: tensor.shape };
        tensor.dispose();
      }
      image.dispose();
      return outputs;
    },
  };
}

function execute(model: GraphModel, image: Tensor, outputNames: readonly string[]): Tensor[] {
  const result = model.execute(image, [...outputNames]);
  return Array.isArray(result) ? result : [result];
}

function toNhwc(nchw: Float32Array, n: number, c: number, h: number, w: number): Float32Array {
  const nhwc = new Float32Array(nchw.length);
  const plane = h * w;
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < c; k++) {
      const from = (i * c + k) * plane;
      for (let p = 0; p < plane; p++) nhwc[(i * plane + p) * c + k] = nchw[from + p] as number;
    }
  }
  return nhwc;
}

function fromDisk(file: string): io.IOHandler {
  return {
    load: async () => {
      const model = JSON.parse(readFileSync(file, 'utf8')) as {
        modelTopology: object;
        signature: object;
        weightsManifest: { paths: string[]; weights: io.WeightsManifestEntry[] }[];
      };
      const parts = model.weightsManifest.flatMap((group) =>
        group.paths.map((path) => readFileSync(join(dirname(file), path))),
      );
      const bytes = Buffer.concat(parts);
      return {
        modelTopology: model.modelTopology,
        signature: model.signature,
        weightSpecs: model.weightsManifest.flatMap((group) => group.weights),
        weightData: new Uint8Array(bytes).buffer,
        format: 'graph-model',
      };
    },
  };
}
