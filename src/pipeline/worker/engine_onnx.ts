import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Models } from '../models.js';
import type { Engine, Network, NetworkOutput } from './engine.js';

/** ONNX Runtime, one thread per session: two were slower than one, and the pool is the parallelism. */
export async function openOnnxEngine({ folder, manifest }: Models): Promise<Engine> {
  return {
    name: 'onnx',
    detector: await openNetwork(
      join(folder, manifest.detector.onnx.file),
      manifest.detector.input.name,
      manifest.detector.input.dynamic,
    ),
    reader: await openNetwork(join(folder, manifest.reader.onnx.file), manifest.reader.input.name, false),
  };
}

async function openNetwork(file: string, inputName: string, anySize: boolean): Promise<Network> {
  const session = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  return {
    anySize,
    async run(input, shape) {
      const results = await session.run({ [inputName]: new Tensor('float32', input, shape) });
      const outputs: Record<string, NetworkOutput> = {};
      for (const [name, tensor] of Object.entries(results)) {
        outputs[name] = { values: tensor.data as Float32Array, shape: tensor.dims };
      }
      return outputs;
    },
  };
}
