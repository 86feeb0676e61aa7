import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { type Box, iou } from '../../src/data/box.js';
import { packagePath } from '../../src/package_root.js';
import { openStillReader, type StillReader } from '../../src/reading/still_reader.js';
import { renderScene } from '../../src/simulator/scenes/render_scene.js';
import { findScene } from '../../src/simulator/scenes/scene_specs.js';
import type { SceneTruth } from '../../src/simulator/scenes/truth.js';
import { suite } from '../support/suite.js';

const { test, before, after } = suite('reading pictures');
const folder = mkdtempSync(join(tmpdir(), 'platestream-read-'));
let picture: Buffer;
let truth: SceneTruth;
let reader: StillReader;

/** The first frame of a rendered street, and what it shows. */
before(async () => {
  const spec = findScene('plate-100');
  assert.ok(spec);
  let pixels: Buffer = Buffer.alloc(0);
  truth = renderScene({ ...spec, frames: 1 }, (rgba) => {
    pixels = Buffer.from(rgba);
  });
  const raw = { width: spec.width, height: spec.height, channels: 4 as const };
  picture = await sharp(pixels, { raw }).removeAlpha().png({ compressionLevel: 1 }).toBuffer();
  const opened = await openStillReader({ inference: 'onnx' });
  assert.ok(opened.ok, opened.ok ? '' : opened.error);
  reader = opened.value;
});
after(() => rmSync(folder, { recursive: true, force: true }));

const boxesOfTruth = (): { plate: string; box: Box }[] =>
  truth.passes.map(({ plate, boxes }) => {
    const [, x, y, width, height] = boxes[0] as [number, number, number, number, number];
    return { plate, box: { x, y, width, height } };
  });

async function save(name: string, bytes: Buffer): Promise<string> {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

async function read(file: string) {
  const result = await reader.read(file);
  assert.ok(result.ok, result.ok ? '' : result.error);
  return result.value;
}

/** Plates of the truth that were found with their text, and where. */
function rightOnes(plates: readonly { text: string; box: Box }[]): string[] {
  return boxesOfTruth()
    .filter(({ plate, box }) => plates.some((found) => found.text === plate && iou(found.box, box) > 0.5))
    .map(({ plate }) => plate);
}

test('JPEG, PNG and WebP of a street give the plates in it, boxes on the pixels of the file', async () => {
  const files = [
    await save('street.png', picture),
    await save('street.jpg', await sharp(picture).jpeg({ quality: 92 }).toBuffer()),
    await save('street.webp', await sharp(picture).webp({ quality: 92 }).toBuffer()),
  ];
  for (const file of files) {
    const { width, height, plates } = await read(file);
    assert.deepEqual([width, height], [truth.width, truth.height]);
    assert.ok(rightOnes(plates).length >= 2, file);
  }
});

/** How a picture must be stored so that it is upright once its EXIF orientation is applied. */
const storedAs: Readonly<Record<number, (image: Sharp) => Sharp>> = {
  2: (image) => image.flop(),
  3: (image) => image.rotate(180),
  4: (image) => image.flip(),
  6: (image) => image.rotate(270),
  8: (image) => image.rotate(90),
};

test('a picture stored sideways is read upright; its boxes are those of the stored pixels', async () => {
  const { plates: upright } = await read(await save('upright.png', picture));
  for (const [orientation, store] of Object.entries(storedAs)) {
    const turned = await store(sharp(picture)).png().toBuffer();
    const file = await save(
      `turned-${orientation}.jpg`,
      await sharp(turned)
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .withMetadata({ orientation: Number(orientation) })
        .toBuffer(),
    );
    const { width, height, plates } = await read(file);
    const stored = await sharp(file).metadata();
    assert.deepEqual([width, height], [stored.width, stored.height]);
    // The stored pixels inside a found box must look like the plate: turn them upright and read the very same text.
    for (const { text } of upright.filter(({ confidence }) => confidence > 0.9)) {
      const found = plates.find((plate) => plate.text === text);
      assert.ok(found, `${text} in orientation ${orientation}`);
      const { box } = found;
      const back = uprightBox(box, Number(orientation), width, height);
      const [same] = upright.filter((plate) => plate.text === text);
      assert.ok(same && iou(back, same.box) > 0.8, `${text} in orientation ${orientation}`);
    }
  }
});

/** The other way round than the program goes, written out case by case. */
function uprightBox({ x, y, width, height }: Box, orientation: number, w: number, h: number): Box {
  if (orientation === 2) return { x: w - x - width, y, width, height };
  if (orientation === 3) return { x: w - x - width, y: h - y - height, width, height };
  if (orientation === 4) return { x, y: h - y - height, width, height };
  if (orientation === 6) return { x: h - y - height, y: x, width: height, height: width };
  return { x: y, y: w - x - width, width: height, height: width };
}

test('TensorFlow.js reads what ONNX Runtime reads', async () => {
  const file = await save('both.png', picture);
  const other = await openStillReader({ inference: 'tfjs' });
  assert.ok(other.ok && other.value.inference === 'tfjs');
  const again = await other.value.read(file);
  assert.ok(again.ok);
  const sure = (plates: readonly { text: string; confidence: number }[]) =>
    plates.filter(({ confidence }) => confidence > 0.6).map(({ text }) => text);
  assert.deepEqual(sure(again.value.plates), sure((await read(file)).plates));
});

test('grey, transparent and odd-sized pictures are read; a blank one gives no plate', async () => {
  const grey = await save('grey.png', await sharp(picture).greyscale().png().toBuffer());
  assert.ok(rightOnes((await read(grey)).plates).length >= 2);
  const odd = await save(
    'odd.png',
    await sharp(picture).ensureAlpha(0.99).extract({ left: 0, top: 0, width: 1919, height: 1079 }).png().toBuffer(),
  );
  assert.ok(rightOnes((await read(odd)).plates).length >= 2);
  const blank = await save(
    'blank.png',
    await sharp({ create: { width: 640, height: 480, channels: 3, background: '#777' } })
      .png()
      .toBuffer(),
  );
  assert.deepEqual((await read(blank)).plates, []);
});

const program = packagePath('bin', 'platestream.js');

test('the command: a folder below a folder, a line a picture, what cannot be read named and the rest read', async () => {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'below'), { recursive: true });
  await save('tree/b.png', picture);
  await save('tree/below/c.png', picture);
  await save('tree/a.jpg', Buffer.from('not a picture'));
  await save('tree/notes.txt', Buffer.from('not asked for'));
  const run = spawnSync(process.execPath, [program, 'read', '--json', tree, join(folder, 'none.jpg')], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  assert.equal(run.status, 2, run.stderr);
  const lines = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ file }) => file),
    [join(tree, 'b.png'), join(tree, 'below', 'c.png')],
  );
  for (const line of lines) {
    assert.deepEqual(Object.keys(line), ['file', 'width', 'height', 'ms', 'plates']);
    assert.deepEqual(Object.keys(line.ms), ['detect', 'read', 'total']);
    for (const plate of line.plates) {
      assert.deepEqual(Object.keys(plate), ['text', 'region', 'state', 'confidence', 'box', 'candidates']);
      assert.equal(plate.box.length, 4);
      assert.equal(plate.candidates[0].text, plate.text);
    }
  }
  const complaints = run.stderr.trim().split('\n');
  assert.equal(complaints.length, 2, run.stderr);
  assert.match(complaints[0] as string, /a\.jpg: not a JPEG, PNG or WebP picture/);
  assert.match(complaints[1] as string, /none\.jpg: no such file/);
});

test('the command: a region nobody knows is one line and nothing read; one that is known is told with each plate', async () => {
  const file = await save('region.png', picture);
  const run = (...more: string[]) =>
    spawnSync(process.execPath, [program, 'read', '--json', ...more, file], { encoding: 'utf8', timeout: 300_000 });
  const refused = run('--regions', 'US-ZZ');
  assert.deepEqual([refused.status, refused.stdout], [2, '']);
  assert.match(refused.stderr, /^platestream: region US-ZZ: .*\n$/);
  const { status, stdout, stderr } = run('--regions', 'us-ma, US');
  assert.equal(status, 0, stderr);
  for (const { region, state } of JSON.parse(stdout).plates) assert.equal(region, state && `US-${state}`);
});
