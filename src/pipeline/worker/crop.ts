import type { Box } from '../../data/box.js';
import type { SlotLayout } from '../../data/slot_layout.js';

/** What cutting needs, kept from plate to plate: a thread cuts one at a time, and new arrays for each made a tenth of its time garbage. */
const scratch = {
  luma: new Float32Array(0),
  u: new Float32Array(0),
  v: new Float32Array(0),
  lines: new Float32Array(0),
  across: { first: new Int32Array(0), weight: new Float32Array(0), taps: 0 },
  down: { first: new Int32Array(0), weight: new Float32Array(0), taps: 0 },
};
type Taps = typeof scratch.across;

const atLeast = (array: Float32Array<ArrayBuffer>, length: number) =>
  array.length >= length ? array : new Float32Array(length);

/**
 * Cuts a box out of a slot's I420 picture and resizes it to `width` x `height` planar RGB 0..255 (area averaging when it shrinks,
 * bilinear when it grows; edge pixels repeat outside). Colour conversion is BT.601 limited range.
 * @param out written from `at`: red plane, green plane, blue plane
 */
export function cropRgb(
  slot: Uint8Array,
  layout: SlotLayout,
  box: Box,
  out: Float32Array,
  at: number,
  width: number,
  height: number,
): void {
  const plane = width * height;
  const luma = atLeast(scratch.luma, plane);
  const u = atLeast(scratch.u, plane);
  const v = atLeast(scratch.v, plane);
  Object.assign(scratch, { luma, u, v });
  resample(slot, 0, layout.width, layout.height, box, luma, width, height);
  const half: Box = { x: box.x / 2, y: box.y / 2, width: box.width / 2, height: box.height / 2 };
  resample(slot, layout.uOffset, layout.width / 2, layout.height / 2, half, u, width, height);
  resample(slot, layout.vOffset, layout.width / 2, layout.height / 2, half, v, width, height);
  for (let i = 0; i < plane; i++) {
    const y = 1.164 * ((luma[i] as number) - 16);
    const cb = (u[i] as number) - 128;
    const cr = (v[i] as number) - 128;
    out[at + i] = clamp(y + 1.596 * cr);
    out[at + plane + i] = clamp(y - 0.392 * cb - 0.813 * cr);
    out[at + 2 * plane + i] = clamp(y + 2.017 * cb);
  }
}

const clamp = (value: number) => (value < 0 ? 0 : Math.min(value, 255));

function resample(
  bytes: Uint8Array,
  offset: number,
  stride: number,
  rows: number,
  box: Box,
  out: Float32Array,
  width: number,
  height: number,
): void {
  const across = fillTaps(scratch.across, box.x, box.width, width, stride);
  const down = fillTaps(scratch.down, box.y, box.height, height, rows);
  out.fill(0, 0, width * height);
  const firstRow = down.first[0] as number;
  const lastRow = (down.first[height - 1] as number) + down.taps - 1;
  const lines = atLeast(scratch.lines, (lastRow - firstRow + 1) * width);
  scratch.lines = lines;
  for (let y = firstRow; y <= lastRow; y++) {
    const row = offset + Math.min(rows - 1, Math.max(0, y)) * stride;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      const start = across.first[x] as number;
      for (let t = 0; t < across.taps; t++) {
        const column = start + t;
        const inside = column < 0 ? 0 : column >= stride ? stride - 1 : column;
        sum += (across.weight[x * across.taps + t] as number) * (bytes[row + inside] as number);
      }
      lines[(y - firstRow) * width + x] = sum;
    }
  }
  for (let y = 0; y < height; y++) {
    const start = (down.first[y] as number) - firstRow;
    for (let t = 0; t < down.taps; t++) {
      const weight = down.weight[y * down.taps + t] as number;
      if (weight === 0) continue;
      const line = (start + t) * width;
      for (let x = 0; x < width; x++)
        out[y * width + x] = (out[y * width + x] as number) + weight * (lines[line + x] as number);
    }
  }
}

/** Taps of one direction: a triangle as wide as a source pixel when growing, a box as wide as a target pixel when shrinking. */
function fillTaps(into: Taps, from: number, length: number, count: number, limit: number): Taps {
  const step = length / count;
  const taps = step > 1 ? Math.ceil(step) + 1 : 2;
  if (into.first.length < count) into.first = new Int32Array(count);
  into.weight = atLeast(into.weight, count * taps);
  into.taps = taps;
  const { first, weight } = into;
  for (let i = 0; i < count; i++) {
    if (step > 1) {
      const [start, end] = [from + i * step, from + (i + 1) * step];
      first[i] = Math.floor(start);
      for (let t = 0; t < taps; t++) {
        const pixel = Math.floor(start) + t;
        weight[i * taps + t] = Math.max(0, Math.min(end, pixel + 1) - Math.max(start, pixel)) / step;
      }
    } else {
      const centre = from + (i + 0.5) * step - 0.5;
      first[i] = Math.floor(centre);
      weight[i * taps + 1] = centre - Math.floor(centre);
      weight[i * taps] = 1 - (weight[i * taps + 1] as number);
    }
    first[i] = Math.min(limit + 1, Math.max(-taps - 1, first[i] as number));
  }
  return into;
}

/** Mean absolute difference of horizontal neighbours of a planar luma-like image: larger is sharper. */
export function sharpness(values: Float32Array, at: number, width: number, height: number): number {
  let sum = 0;
  for (let y = 0; y < height; y++) {
    const row = at + y * width;
    for (let x = 1; x < width; x++) sum += Math.abs((values[row + x] as number) - (values[row + x - 1] as number));
  }
  return sum / (height * (width - 1));
}
