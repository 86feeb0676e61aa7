import type { Box } from '../../data/box.js';
import type { Look } from '../../data/look.js';
import type { SlotLayout } from '../../data/slot_layout.js';
import type { Manifest } from '../models.js';
import { type ScoredBox, scoredBoxes, suppress } from './boxes.js';
import type { Network } from './engine.js';
import { fillWindow, onGrid, type Window, wholeWindow, windowsOf } from './window.js';

export interface Found {
  readonly box: Box;
  readonly score: number;
  /** Where it was seen at first, when a second look moved its box: it is read in both. */
  readonly firstBox?: Box;
}

/** Finds plates where `look` says. @returns boxes in full-resolution pixels, best first. */
export type Detect = (slot: Uint8Array, layout: SlotLayout, look: Look, motion: readonly Box[]) => Promise<Found[]>;

/** Smaller is nothing that could be read. */
const widthMin = 4;
const heightMin = 3;
/** A box that ends this close to the cut edge of a window is part of something that goes on outside. */
const cutPixels = 2;

export function createDetector(
  network: Network,
  { input, output, scoreThreshold, nmsIou }: Manifest['detector'],
): Detect {
  // One buffer for every window shape: inference reads only its front.
  const image = new Float32Array(input.width * input.height * 2);

  async function search(slot: Uint8Array, layout: SlotLayout, window: Window): Promise<ScoredBox[]> {
    const stride = network.anySize ? onGrid(window.width) : input.width;
    const rows = network.anySize ? onGrid(window.height) : input.height;
    const tensor = image.subarray(0, stride * rows);
    fillWindow(slot, layout, window, tensor, stride, rows, input.pad);
    const { [output.name]: boxes } = await network.run(tensor, [1, 1, rows, stride]);
    if (!boxes) throw new Error(`the detector has no output ${output.name}`);
    return scoredBoxes(boxes.values, boxes.shape[2] as number, scoreThreshold)
      .filter((box) => !isCut(box, window, layout))
      .map((box) => inFrame(box, window, layout));
  }

  return async (slot, layout, look, motion) => {
    const windows = network.anySize ? windowsOf(layout, look, motion) : [wholeWindow(layout)];
    const boxes: ScoredBox[] = [];
    for (const window of windows) boxes.push(...(await search(slot, layout, window)));
    return suppress(boxes, nmsIou)
      .map(({ x1, y1, x2, y2, score }) => ({ box: { x: x1, y: y1, width: x2 - x1, height: y2 - y1 }, score }))
      .filter(({ box }) => box.width >= widthMin && box.height >= heightMin);
  };
}

function isCut({ x1, y1, x2, y2 }: ScoredBox, { x, y, scale, width, height }: Window, layout: SlotLayout): boolean {
  return (
    (x1 < cutPixels && x > 0) ||
    (y1 < cutPixels && y > 0) ||
    (x2 > width - cutPixels && x + (width + 1) / scale < layout.width) ||
    (y2 > height - cutPixels && y + (height + 1) / scale < layout.height)
  );
}

function inFrame({ x1, y1, x2, y2, score }: ScoredBox, { x, y, scale }: Window, layout: SlotLayout): ScoredBox {
  return {
    x1: Math.max(0, x + x1 / scale),
    y1: Math.max(0, y + y1 / scale),
    x2: Math.min(layout.width, x + x2 / scale),
    y2: Math.min(layout.height, y + y2 / scale),
    score,
  };
}
