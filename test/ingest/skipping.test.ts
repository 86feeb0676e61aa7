import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cameraSettings } from '../../src/ingest/settings.js';
import { openVideoSource } from '../../src/ingest/video_source.js';
import { openClip } from '../../src/simulator/scenes/encode_clip.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('frames nothing refers to');
const folder = mkdtempSync(join(tmpdir(), 'platestream-skipping-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const pictures = 48;

/** A square that moves over a noisy road. */
function makeClip(name: string, codec: 'h264' | 'h265', bFrames: number): string {
  const path = join(folder, `${name}.mp4`);
  const [width, height] = [320, 192];
  const clip = openClip(path, { width, height, fps: 24, crf: 28, codec, preset: 'veryfast', bFrames });
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let picture = 0; picture < pictures; picture++) {
    for (let i = 0; i < width * height; i++) {
      const inSquare = Math.abs((i % width) - picture * 5) < 20 && Math.abs(Math.floor(i / width) - 90) < 20;
      rgba.fill(inSquare ? 220 : 80 + ((i * 7919) % 23), i * 4, i * 4 + 4);
    }
    clip.write(rgba);
  }
  clip.close();
  return path;
}

/** @returns the number of decoded pictures of the clip while those nothing refers to are skipped in its part `from`..`to`. */
async function decoded(url: string, from: number, to: number): Promise<number> {
  const source = await openVideoSource(cameraSettings.parse({ id: 'cam', url }), {
    signal: new AbortController().signal,
  });
  assert.ok(source.ok);
  let count = 0;
  for (;;) {
    if (count === from) source.value.setSkipping(true);
    if (count === to) source.value.setSkipping(false);
    const got = await source.value.next();
    if ('ended' in got) break;
    count += 1;
  }
  await source.value.close();
  return count;
}

for (const codec of ['h264', 'h265'] as const) {
  test(`${codec}: skipped while there is too much to do, all decoded before and after; none where all are referred to`, async () => {
    const clip = makeClip(`${codec}-b`, codec, 2);
    assert.equal(await decoded(clip, -1, -1), pictures);
    const skipping = await decoded(clip, 0, -1);
    assert.ok(skipping < pictures * 0.9, `${skipping} of ${pictures}`);
    const middle = await decoded(clip, 8, 16);
    assert.ok(middle > skipping && middle < pictures, `${middle} of ${pictures}`);
    assert.equal(await decoded(makeClip(`${codec}-p`, codec, 0), 0, -1), pictures);
  });
}
