import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { flattenPath, glyphOf, glyphSet } from '../../../src/simulator/scenes/glyphs.js';
import { plateDesigns, readableText } from '../../../src/simulator/scenes/plate_design.js';
import { drawPlate } from '../../../src/simulator/scenes/plate_picture.js';
import { renderClip } from '../../../src/simulator/scenes/render_clip.js';
import { renderScene } from '../../../src/simulator/scenes/render_scene.js';
import type { SceneSpec } from '../../../src/simulator/scenes/scene_spec.js';
import { findScene } from '../../../src/simulator/scenes/scene_specs.js';
import { suite } from '../../support/suite.js';
import { decodeLuma } from './decode.js';

const { test } = suite('scene renderer');

/** Two frames of a demo scene, small, with a car in sight. */
function tinyScene(seed: number): SceneSpec {
  const spec = findScene('demo-rain')!;
  const drives = spec.drives.slice(0, 1).map((drive) => ({ ...drive, startS: -3.4 }));
  return { ...spec, name: 'tiny', seed, width: 320, height: 180, frames: 2, drives };
}

function fingerprint(spec: SceneSpec): string {
  const hash = createHash('sha256');
  const truth = renderScene(spec, (rgba) => hash.update(rgba));
  return hash.update(JSON.stringify(truth)).digest('hex');
}

test('the same seed gives the same frames and truth, another seed other frames', () => {
  assert.is(fingerprint(tinyScene(5)), fingerprint(tinyScene(5)));
  assert.is.not(fingerprint(tinyScene(5)), fingerprint(tinyScene(6)));
});

test('a rendered clip holds every frame and leaves nothing half-written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'platestream-scenes-'));
  try {
    const seen: number[] = [];
    const truth = renderClip(tinyScene(5), folder, (frame) => seen.push(frame));
    assert.equal(seen, [0, 1]);
    assert.equal(readdirSync(folder).sort(), ['tiny.mp4', 'tiny.truth.json']);
    assert.equal(JSON.parse(readFileSync(join(folder, 'tiny.truth.json'), 'utf8')), truth);
    assert.is(
      decodeLuma(join(folder, 'tiny.mp4'), () => {}),
      2,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the font has a glyph for every capital, digit and legend of every design', () => {
  const characters = new Set([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789']);
  for (const design of plateDesigns()) {
    for (const format of design.formats) for (const character of format.replaceAll('|', '')) characters.add(character);
    for (const legend of design.legends) for (const character of legend.text) characters.add(character);
  }
  assert.equal(
    [...characters].filter((character) => !glyphOf(character)),
    [],
  );
});

test('glyphs stay inside their cell', () => {
  const { glyphs, unitsPerEm, strokeWidth } = glyphSet();
  for (const [character, glyph] of Object.entries(glyphs)) {
    if (!/[A-Z0-9]/.test(character)) continue;
    for (const [x, y] of glyph.paths.flatMap(flattenPath)) {
      assert.ok(x >= strokeWidth / 4 && x <= glyph.advance - strokeWidth / 2, `${character}: x ${x}`);
      assert.ok(y >= strokeWidth / 2 - 1 && y <= unitsPerEm - strokeWidth / 3, `${character}: y ${y}`);
    }
  }
});

test('letters that are easily confused are drawn differently', () => {
  for (const [one, other] of ['0O', '1I', '8B', '5S', '2Z', '0D', '68', 'VY']) {
    assert.is.not(JSON.stringify(glyphOf(one!)!.paths), JSON.stringify(glyphOf(other!)!.paths));
  }
});

test('a plate has ink of its design on its background', () => {
  const design = plateDesigns().find((candidate) => candidate.id === 'us-ma-passenger')!;
  const { rgb } = drawPlate(design, '7KDX48', 1);
  let red = 0;
  let white = 0;
  for (let at = 0; at < rgb.length; at += 3) {
    if (rgb[at]! > 140 && rgb[at + 1]! < 70) red += 1;
    if (rgb[at + 1]! > 200) white += 1;
  }
  assert.ok(red / (rgb.length / 3) > 0.1, 'letters');
  assert.ok(white / (rgb.length / 3) > 0.4, 'background');
});

test('the text to be read is letters and digits without line breaks', () => {
  assert.is(readableText('KV5|8HTR'), 'KV58HTR');
  assert.is(readableText('ab-12 c'), 'AB12C');
});
