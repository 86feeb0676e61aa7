import sharp from 'sharp';
import type { Box } from '../../data/box.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { EvidenceImages } from '../job.js';

sharp.concurrency(1);
sharp.cache(false);

const vehicleWidthMax = 960;
const pictureWidthMax = 960;
const jpegQuality = 80;

/** JPEG pictures of the very frame that was read: the vehicle (as wide as seven plates, the plate low in it), and the plate. */
export async function evidenceOf(slot: Uint8Array, layout: SlotLayout, plate: Box): Promise<EvidenceImages> {
  const [vehicle, close] = [vehicleBox(plate), grown(plate, 0.15, 0.25)];
  return {
    vehicle: await jpeg(slot, layout, inside(vehicle, layout), vehicleWidthMax),
    plate: await jpeg(slot, layout, inside(close, layout), vehicleWidthMax),
  };
}

/** The whole frame, for aligning its camera. */
export function pictureOf(slot: Uint8Array, layout: SlotLayout): Promise<Uint8Array> {
  return jpeg(slot, layout, { x: 0, y: 0, width: layout.width, height: layout.height }, pictureWidthMax);
}

function grown({ x, y, width, height }: Box, across: number, down: number): Box {
  return {
    x: x - width * across,
    y: y - height * down,
    width: width * (1 + 2 * across),
    height: height * (1 + 2 * down),
  };
}

function vehicleBox({ x, y, width, height }: Box): Box {
  const [across, down] = [Math.max(320, width * 7), Math.max(240, width * 5)];
  return { x: x + width / 2 - across / 2, y: y + height / 2 - down * 0.68, width: across, height: down };
}

/** Cut to the frame, on even pixels, at least 16 x 16. */
function inside(box: Box, layout: SlotLayout): Box {
  const clamp = (value: number, max: number) => Math.min(max, Math.max(0, value)) & ~1;
  const x = clamp(Math.floor(box.x), layout.width - 16);
  const y = clamp(Math.floor(box.y), layout.height - 16);
  const width = Math.max(16, clamp(Math.ceil(box.x + box.width), layout.width) - x);
  const height = Math.max(16, clamp(Math.ceil(box.y + box.height), layout.height) - y);
  return { x, y, width, height };
}

async function jpeg(slot: Uint8Array, layout: SlotLayout, box: Box, widthMax: number): Promise<Uint8Array> {
  const step = Math.ceil(box.width / widthMax);
  const width = Math.floor(box.width / step);
  const height = Math.floor(box.height / step);
  const pixels = toRgb(slot, layout, box, step, width, height);
  const encoded = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: jpegQuality })
    .toBuffer();
  return new Uint8Array(encoded);
}

/** Interleaved RGB of a box, each pixel the mean of `step` x `step` (BT.601, limited range). */
function toRgb(
  slot: Uint8Array,
  layout: SlotLayout,
  box: Box,
  step: number,
  width: number,
  height: number,
): Uint8ClampedArray {
  const { width: stride, uOffset, vOffset } = layout;
  const out = new Uint8ClampedArray(3 * width * height);
  for (let row = 0, at = 0; row < height; row++) {
    const y = box.y + row * step;
    const chromaRow = (y >> 1) * (stride >> 1);
    for (let column = 0; column < width; column++, at += 3) {
      const x = box.x + column * step;
      const luma = 1.164 * (meanOf(slot, y * stride + x, stride, step) - 16);
      const cb = (slot[uOffset + chromaRow + (x >> 1)] as number) - 128;
      const cr = (slot[vOffset + chromaRow + (x >> 1)] as number) - 128;
      out[at] = luma + 1.596 * cr;
      out[at + 1] = luma - 0.392 * cb - 0.813 * cr;
      out[at + 2] = luma + 2.017 * cb;
    }
  }
  return out;
}

/** Most pictures are cut at full size: then a pixel is its own mean. */
function meanOf(slot: Uint8Array, at: number, stride: number, step: number): number {
  if (step === 1) return slot[at] as number;
  let sum = 0;
  for (let i = 0; i < step; i++) for (let j = 0; j < step; j++) sum += slot[at + i * stride + j] as number;
  return sum / (step * step);
}
