import type { Box } from '../../data/box.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Manifest } from '../models.js';
import { suppress } from './boxes.js';
import type { Network } from './engine.js';

export interface Found {
  readonly box: Box;
  readonly score: number;
}

/** Finds plates in a slot's thumb. @returns boxes in full-resolution pixels, best first. */
export type Detect = (slot: Uint8Array, layout: SlotLayout) => Promise<Found[]>;

export function createDetector(
  network: Network,
  { input, output, scoreThreshold, nmsIou }: Manifest['detector'],
): Detect {
  const image = new Float32Array(input.width * input.height);
  return async (slot, layout) => {
    letterbox(slot, layout, image, input.width, input.height, input.pad);
    const { [output.name]: boxes } = await network.run(image, [1, 1, input.height, input.width]);
    if (!boxes) throw new Error(`the detector has no output ${output.name}`);
    const columns = boxes.shape[2] as number;
    return suppress(boxes.values, columns, scoreThreshold, nmsIou)
      .map(({ x1, y1, x2, y2, score }) => ({ box: inFrame(x1, y1, x2, y2, layout), score }))
      .filter(({ box }) => box.width >= 4 && box.height >= 3);
  };
}

function letterbox(
  slot: Uint8Array,
  layout: SlotLayout,
  out: Float32Array,
  width: number,
  height: number,
  pad: number,
): void {
  const { thumbOffset, thumbWidth, thumbHeight } = layout;
  for (let y = 0; y < thumbHeight; y++) {
    const row = y * width;
    const from = thumbOffset + y * thumbWidth;
    for (let x = 0; x < thumbWidth; x++) out[row + x] = slot[from + x] as number;
    if (thumbWidth < width) out.fill(pad, row + thumbWidth, row + width);
  }
  out.fill(pad, thumbHeight * width, height * width);
}

function inFrame(x1: number, y1: number, x2: number, y2: number, { thumbScale, width, height }: SlotLayout): Box {
  const left = Math.max(0, x1 / thumbScale);
  const top = Math.max(0, y1 / thumbScale);
  return {
    x: left,
    y: top,
    width: Math.min(width, x2 / thumbScale) - left,
    height: Math.min(height, y2 / thumbScale) - top,
  };
}
