import type { SlotLayout } from '../data/slot_layout.js';

/**
 * Fills a slot from interleaved pixels: I420 (BT.601, limited range) and the thumb, by area averaging as a camera's picture is.
 * @param channels 1 (grey) or 3 (RGB); rows and columns beyond the slot's even size are left out
 */
export function fillSlot(
  pixels: Uint8Array,
  stride: number,
  channels: number,
  slot: Uint8Array,
  layout: SlotLayout,
): void {
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const { width, height, uOffset, vOffset } = layout;
  for (let y = 0, chroma = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2, chroma++) {
      let [r, g, b] = [0, 0, 0];
      for (let i = 0; i < 4; i++) {
        const [column, row] = [x + (i & 1), y + (i >> 1)];
        const at = (row * stride + column) * channels;
        const [red, mid, low] = [pixels[at], pixels[at + green], pixels[at + blue]] as [number, number, number];
        slot[row * width + column] = 16.5 + 0.257 * red + 0.504 * mid + 0.098 * low;
        r += red;
        g += mid;
        b += low;
      }
      slot[uOffset + chroma] = 128.5 + (-0.148 * r - 0.291 * g + 0.439 * b) / 4;
      slot[vOffset + chroma] = 128.5 + (0.439 * r - 0.368 * g - 0.071 * b) / 4;
    }
  }
  fillThumb(slot, layout);
}

function fillThumb(slot: Uint8Array, layout: SlotLayout): void {
  const { width, height, thumbWidth, thumbHeight, thumbOffset } = layout;
  const [stepX, stepY] = [width / thumbWidth, height / thumbHeight];
  const line = new Float64Array(width);
  for (let row = 0; row < thumbHeight; row++) {
    addRows(slot, width, row * stepY, (row + 1) * stepY, line);
    for (let column = 0; column < thumbWidth; column++) {
      const mean = sumOf(line, column * stepX, (column + 1) * stepX) / (stepX * stepY);
      slot[thumbOffset + row * thumbWidth + column] = mean + 0.5;
    }
  }
}

/** Luma rows `from` to `to` added up, the first and last by the share of them that is inside. */
function addRows(slot: Uint8Array, width: number, from: number, to: number, line: Float64Array): void {
  line.fill(0);
  for (let y = Math.floor(from); y < to - 1e-6; y++) {
    const share = Math.min(to, y + 1) - Math.max(from, y);
    const at = y * width;
    for (let x = 0; x < width; x++) line[x] = (line[x] as number) + share * (slot[at + x] as number);
  }
}

function sumOf(line: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let x = Math.floor(from); x < to - 1e-6; x++)
    sum += (Math.min(to, x + 1) - Math.max(from, x)) * (line[x] as number);
  return sum;
}
