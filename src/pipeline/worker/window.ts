import type { Box } from '../../data/box.js';
import type { Look, Region } from '../../data/look.js';
import type { SlotLayout } from '../../data/slot_layout.js';

/** A part of the frame as the detector sees it: `scale` detector pixels per frame pixel, its corner at `x`,`y` of the frame. */
export interface Window {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  /** Pixels of the picture in detector scale; the tensor is padded to a multiple of `grid`. */
  readonly width: number;
  readonly height: number;
}

/** The detector's coarsest stride: its input's sides are multiples of it. */
const grid = 32;
/** Around motion, in thumb pixels: a plate at the edge of what moved is seen with its surroundings. */
const motionMargin = 24;
/** A window around motion that saves less than this share of the work is not worth its own shape. */
const worthwhileShare = 0.8;
/** A plate narrower than this in the thumb is looked for at a finer scale when it is followed. */
const plateWidthMin = 36;
const regionSideMin = 96;
/** Bounds a region's tensor, whatever the tracker fears. */
const regionSideMax = 384;

/** The windows to search for one frame. */
export function windowsOf(layout: SlotLayout, look: Look, motion: readonly Box[]): Window[] {
  if (look.search === 'nowhere') return [];
  if (look.search === 'regions') return look.regions.map((region) => regionWindow(layout, region));
  return [motionWindow(layout, motion)];
}

export function wholeWindow({ thumbScale, thumbWidth, thumbHeight }: SlotLayout): Window {
  return { x: 0, y: 0, scale: thumbScale, width: thumbWidth, height: thumbHeight };
}

/** The bounding box of all motion, in the thumb; the whole thumb when that is hardly smaller. */
function motionWindow(layout: SlotLayout, motion: readonly Box[]): Window {
  const whole = wholeWindow(layout);
  if (motion.length === 0) return whole;
  const { thumbScale: scale } = layout;
  const left = Math.min(...motion.map((box) => box.x)) * scale - motionMargin;
  const top = Math.min(...motion.map((box) => box.y)) * scale - motionMargin;
  const right = Math.max(...motion.map((box) => box.x + box.width)) * scale + motionMargin;
  const bottom = Math.max(...motion.map((box) => box.y + box.height)) * scale + motionMargin;
  const part = placed(left, top, right - left, bottom - top, scale, whole.width, whole.height);
  return part.width * part.height < worthwhileShare * whole.width * whole.height ? part : whole;
}

/** Around a followed plate, at full, half or thumb resolution: the coarsest that still shows the plate well. */
function regionWindow(layout: SlotLayout, { box, plateWidth }: Region): Window {
  const scales = [layout.thumbScale, 0.5, 1].filter((scale) => scale >= layout.thumbScale);
  const scale = scales.find((s) => plateWidth * s >= plateWidthMin) ?? 1;
  const side = (pixels: number) => Math.min(regionSideMax, Math.max(regionSideMin, pixels * scale));
  const [width, height] = [side(box.width), side(box.height)];
  const left = (box.x + box.width / 2) * scale - width / 2;
  const top = (box.y + box.height / 2) * scale - height / 2;
  const bounds = boundsAt(layout, scale);
  return placed(left, top, width, height, scale, bounds.width, bounds.height);
}

function boundsAt({ width, height, thumbWidth, thumbHeight, thumbScale }: SlotLayout, scale: number) {
  if (scale === thumbScale) return { width: thumbWidth, height: thumbHeight };
  return { width: Math.floor(width * scale), height: Math.floor(height * scale) };
}

/** Grown to the grid and moved inside the picture. */
function placed(
  left: number,
  top: number,
  width: number,
  height: number,
  scale: number,
  widthMax: number,
  heightMax: number,
): Window {
  const w = Math.min(widthMax, onGrid(width));
  const h = Math.min(heightMax, onGrid(height));
  const x = Math.round(Math.min(widthMax - w, Math.max(0, left - (w - width) / 2)));
  const y = Math.round(Math.min(heightMax - h, Math.max(0, top - (h - height) / 2)));
  return { x: x / scale, y: y / scale, scale, width: w, height: h };
}

export const onGrid = (pixels: number) => Math.ceil(pixels / grid) * grid;

/** Copies a window's luma into `out`, `stride` x `rows`, with `pad` right of and below it. */
export function fillWindow(
  slot: Uint8Array,
  layout: SlotLayout,
  window: Window,
  out: Float32Array,
  stride: number,
  rows: number,
  pad: number,
): void {
  const [x, y] = [Math.round(window.x * window.scale), Math.round(window.y * window.scale)];
  for (let row = 0; row < window.height; row++) {
    const at = row * stride;
    if (window.scale === layout.thumbScale) {
      copyRow(slot, layout.thumbOffset + (y + row) * layout.thumbWidth + x, out, at, window.width);
    } else if (window.scale === 1) {
      copyRow(slot, (y + row) * layout.width + x, out, at, window.width);
    } else {
      halveRow(slot, 2 * (y + row) * layout.width + 2 * x, layout.width, out, at, window.width);
    }
    if (window.width < stride) out.fill(pad, at + window.width, at + stride);
  }
  if (window.height < rows) out.fill(pad, window.height * stride, rows * stride);
}

function copyRow(slot: Uint8Array, from: number, out: Float32Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) out[at + i] = slot[from + i] as number;
}

/** The mean of 2 x 2 pixels. */
function halveRow(slot: Uint8Array, from: number, stride: number, out: Float32Array, at: number, count: number): void {
  for (let i = 0, a = from, b = from + stride; i < count; i++, a += 2, b += 2) {
    out[at + i] =
      ((slot[a] as number) + (slot[a + 1] as number) + (slot[b] as number) + (slot[b + 1] as number)) * 0.25;
  }
}
