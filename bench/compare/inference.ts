import { loadModels, type Models } from '../../src/pipeline/models.js';
import type { Engine } from '../../src/pipeline/worker/engine.js';
import { openOnnxEngine } from '../../src/pipeline/worker/engine_onnx.js';
import { openTfjsEngine } from '../../src/pipeline/worker/engine_tfjs.js';
import { type Rate, rateOf } from './rate.js';

/** The detector alone on a prepared tensor, nothing decoded, scaled or read: what each library could do at best with our model. */
export async function compareInference(seconds: number): Promise<Rate[]> {
  const models = loadModels();
  if (!models.ok) throw new Error(models.error);
  return [
    await detectorRate(
      'plain onnxruntime-node, detector only',
      await openOnnxEngine(models.value),
      models.value,
      seconds,
    ),
    await detectorRate(
      'plain TensorFlow.js (WebAssembly), detector only',
      await openTfjsEngine(models.value),
      models.value,
      seconds,
    ),
  ];
}

async function detectorRate(what: string, engine: Engine, { manifest }: Models, seconds: number): Promise<Rate> {
  const { width, height } = manifest.detector.input;
  const pixels = Float32Array.from({ length: width * height }, (_, i) => ((i * 37) % 256) / 255);
  const perSecond = await rateOf(seconds, async () => {
    await engine.detector.run(pixels, [1, 1, height, width]);
    return 1;
  });
  return { what, unit: 'frames', perSecond };
}
