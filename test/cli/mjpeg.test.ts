import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { packagePath } from '../../src/package_root.js';
import { writeRenderedStill } from '../support/rendered_still.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('MJPEG files');
const program = packagePath('bin', 'platestream.js');
const folder = mkdtempSync(join(tmpdir(), 'platestream-mjpeg-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

test('read: an MJPEG file is a video; one that is cut within a picture, or damaged in its middle, is read as far as it goes', async () => {
  const still = join(folder, 'still.png');
  await writeRenderedStill(still);
  const jpeg = await sharp(still).jpeg({ quality: 92 }).toBuffer();
  const whole = Buffer.concat(Array.from({ length: 8 }, () => jpeg));
  const at = (pictures: number) => Math.round(jpeg.length * pictures);
  const damaged = Buffer.from(whole).fill(0, at(3.2), at(4.7));
  const videos = [
    file('whole.mjpeg', whole),
    file('cut.mjpeg', whole.subarray(0, at(5.4))),
    file('damaged.mjpeg', damaged),
  ];
  const texts: string[][] = [];
  for (const video of videos) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, 'read', '--json', '--engine', 'onnx', video],
      { encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    assert.equal(stderr, '');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { plates: { text: string }[] });
    texts.push(lines.flatMap(({ plates }) => plates.map(({ text }) => text)).sort());
  }
  assert.ok(texts[0] && texts[0].length > 0, 'something was read');
  assert.deepEqual(texts[1], texts[0]);
  assert.deepEqual(texts[2], texts[0]);
});
