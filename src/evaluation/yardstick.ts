import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Models } from '../pipeline/models.js';
import { openOnnxEngine } from '../pipeline/worker/engine_onnx.js';
import { matrixProductModel, matrixSide } from './matrix_product.js';

/** Fastest single-thread runs, in turn with a matrix product, so that a slow or busy machine shows in both. */
export interface NetworkTimes {
  readonly detectorMs: number;
  readonly readerMs: number;
  /** Floating-point operations a second of the matrix product, in 1e9. */
  readonly gigaflops: number;
  /** What the networks would take where the product reaches `referenceGigaflops`. */
  readonly detectorMsAtReference: number;
  readonly readerMsAtReference: number;
}

const referenceGigaflops = 106;
const rounds = 60;

export async function timeNetworks(models: Models): Promise<NetworkTimes> {
  const engine = await openOnnxEngine(models);
  const product = await openProduct();
  const { detector, reader } = models.manifest;
  const shape = (channels: number, { width, height }: { width: number; height: number }) =>
    [1, channels, height, width] as const;
  const runs = {
    product,
    detector: runOf(engine.detector.run, shape(1, detector.input)),
    reader: runOf(engine.reader.run, shape(3, reader.input)),
  };
  const best = {
    product: Number.POSITIVE_INFINITY,
    detector: Number.POSITIVE_INFINITY,
    reader: Number.POSITIVE_INFINITY,
  };
  for (let i = 0; i < rounds; i++) {
    for (const name of ['product', 'detector', 'reader'] as const) {
      const startedAt = performance.now();
      await runs[name]();
      best[name] = Math.min(best[name], performance.now() - startedAt);
    }
  }
  const gigaflops = (2 * matrixSide ** 3) / best.product / 1e6;
  const slower = gigaflops / referenceGigaflops;
  return {
    detectorMs: best.detector,
    readerMs: best.reader,
    gigaflops,
    detectorMsAtReference: best.detector * slower,
    readerMsAtReference: best.reader * slower,
  };
}

type Shape = readonly [number, number, number, number];

function runOf(run: (input: Float32Array, shape: Shape) => Promise<unknown>, shape: Shape): () => Promise<unknown> {
  const input = new Float32Array(shape.reduce((x, y) => x * y)).fill(100);
  return () => run(input, shape);
}

async function openProduct(): Promise<() => Promise<unknown>> {
  const session = await InferenceSession.create(matrixProductModel(), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const matrix = () =>
    new Tensor('float32', new Float32Array(matrixSide * matrixSide).fill(0.5), [matrixSide, matrixSide]);
  const feeds = { a: matrix(), b: matrix() };
  return () => session.run(feeds);
}
