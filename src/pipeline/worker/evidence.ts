import sharp from 'sharp';
import type { Box } from '../../data/box.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { EvidenceImages } from '../job.js';
import { cropRgb } from './crop.js';

sharp.concurrency(1);
sharp.cache(false);

const vehicleWidthMax = 1280;
const plateWidthMax = 320;

/** JPEG pictures of the very frame that was read: the whole of it, and the plate with some of its surroundings. */
export async function evidenceOf(slot: Uint8Array, layout: SlotLayout, plate: Box): Promise<EvidenceImages> {
  const whole: Box = { x: 0, y: 0, width: layout.width, height: layout.height };
  const around: Box = {
    x: plate.x - plate.width * 0.15,
    y: plate.y - plate.height * 0.25,
    width: plate.width * 1.3,
    height: plate.height * 1.5,
  };
  return {
    vehicle: await jpeg(slot, layout, whole, vehicleWidthMax),
    plate: await jpeg(slot, layout, around, plateWidthMax),
  };
}

async function jpeg(slot: Uint8Array, layout: SlotLayout, box: Box, widthMax: number): Promise<Uint8Array> {
  const scale = Math.min(widthMax === plateWidthMax ? 3 : 1, widthMax / box.width);
  const width = Math.max(8, Math.round(box.width * scale));
  const height = Math.max(8, Math.round(box.height * scale));
  const planar = new Float32Array(3 * width * height);
  cropRgb(slot, layout, box, planar, 0, width, height);
  const pixels = new Uint8Array(planar.length);
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    pixels[3 * i] = planar[i] as number;
    pixels[3 * i + 1] = planar[plane + i] as number;
    pixels[3 * i + 2] = planar[2 * plane + i] as number;
  }
  return new Uint8Array(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 82 })
      .toBuffer(),
  );
}
