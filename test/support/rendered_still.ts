import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import type { Box } from '../../src/data/box.js';
import { renderScene } from '../../src/simulator/scenes/render_scene.js';
import { findScene } from '../../src/simulator/scenes/scene_specs.js';

/** Writes the first frame of a rendered scene as PNG. @returns its size and the plates it shows */
export async function writeRenderedStill(file: string, scene = 'plate-100') {
  const spec = findScene(scene);
  if (!spec) throw new Error(`no scene ${scene}`);
  let pixels: Buffer = Buffer.alloc(0);
  const truth = renderScene({ ...spec, frames: 1 }, (rgba) => {
    pixels = Buffer.from(rgba);
  });
  const raw = { width: spec.width, height: spec.height, channels: 4 as const };
  writeFileSync(file, await sharp(pixels, { raw }).removeAlpha().png({ compressionLevel: 1 }).toBuffer());
  const plates = truth.passes.map(({ plate, boxes }): { plate: string; box: Box } => {
    const [, x, y, width, height] = boxes[0] as [number, number, number, number, number];
    return { plate, box: { x, y, width, height } };
  });
  return { width: spec.width, height: spec.height, plates };
}
