import { strict as assert } from 'node:assert';
import { openPipeline } from '../../src/pipeline/pipeline.js';
import { benchDecoder, benchPipeline } from '../../src/reading/read_bench.js';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { suite } from '../support/suite.js';

const { test } = suite('bench read');

test('the figures are of frames that were really decoded, looked at and read', async () => {
  const pipeline = await openPipeline({ inference: 'onnx', threads: 1 });
  assert.ok(pipeline.ok);
  const whole = await benchPipeline(pipeline.value, [clipPath('plate-100')], 3);
  await pipeline.value.close();
  assert.ok(whole.frames > 0 && whole.framesPerSecondPerCore > 0);
  const { decode, gate, scale, detect, read, track } = whole.msPerFrame;
  for (const ms of [decode, gate, scale, detect, read, track]) assert.ok(ms > 0, JSON.stringify(whole.msPerFrame));
  const alone = await benchDecoder(clipPath('plate-100'), 0.5);
  assert.ok(alone.frames >= 80, 'at least the whole clip once');
});
