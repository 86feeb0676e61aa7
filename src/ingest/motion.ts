import type { Box } from '../data/box.js';
import { MovedCells } from './moved_cells.js';

/** Pixels from one looked-at point to the next. */
export const sparseStep = { across: 8, down: 16 } as const;

/** Every eighth luma point of every sixteenth row of a decoded picture; `stride` bytes from row to row. */
export interface SparseLuma {
  readonly pixels: Uint8Array;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

type Outlines = readonly (readonly (readonly [number, number])[])[];

export interface MotionSettings {
  readonly threshold: number;
  /** In fractions of the picture. */
  readonly zones: Outlines;
  readonly masks: Outlines;
}

const cellPixels = 32;
/** Points of a cell: four across, two down. */
const cellPoints = { across: cellPixels / sparseStep.across, down: cellPixels / sparseStep.down } as const;
const movedPointsMin = 2;

/**
 * Finds where a picture differs from a slowly learnt background, from one luma point in 128, before anything is scaled or copied.
 * Overall brightness is taken out first, so that a cloud or the camera's own exposure is no motion. Allocates nothing while
 * nothing moves.
 */
export class MotionGate {
  readonly #settings: MotionSettings;
  #width = 0;
  #height = 0;
  #columns = 0;
  #background: Float32Array = new Float32Array(0);
  #wanted: Uint8Array = new Uint8Array(0);
  #movedPoints: Uint8Array = new Uint8Array(0);
  #cells = new MovedCells(0, 0);

  constructor(settings: MotionSettings) {
    this.#settings = settings;
  }

  /** @returns boxes around what moved, in pixels of the picture; none = still. The first picture of a size moves everywhere. */
  look(luma: SparseLuma, width: number, height: number): readonly Box[] {
    if (luma.width !== this.#width || luma.height !== this.#height) {
      this.#start(luma);
      return [{ x: 0, y: 0, width, height }];
    }
    this.#compare(luma, this.#brightnessDrift(luma));
    return this.#cells.boxes(this.#moved(), cellPixels, width, height);
  }

  #start({ pixels, stride, width, height }: SparseLuma): void {
    this.#width = width;
    this.#height = height;
    this.#columns = Math.ceil(width / cellPoints.across);
    const rows = Math.ceil(height / cellPoints.down);
    this.#background = new Float32Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) this.#background[y * width + x] = pixels[y * stride + x] as number;
    this.#movedPoints = new Uint8Array(this.#columns * rows);
    this.#cells = new MovedCells(this.#columns, rows);
    this.#wanted = wantedCells(this.#settings, this.#columns, rows);
  }

  /** Counts the moved points of each cell, and learns the background. */
  #compare({ pixels, stride, width, height }: SparseLuma, drift: number): void {
    const { threshold } = this.#settings;
    const background = this.#background;
    const moved = this.#movedPoints.fill(0);
    for (let y = 0; y < height; y++) {
      const cellRow = (y >> 1) * this.#columns;
      for (let x = 0, point = y * width, from = y * stride; x < width; x++, point++, from++) {
        const before = background[point] as number;
        const difference = (pixels[from] as number) - before - drift;
        const isMoved = difference > threshold || difference < -threshold;
        if (isMoved) {
          const cell = cellRow + (x >> 2);
          moved[cell] = (moved[cell] as number) + 1;
        }
        // What moves is learnt slowly (a parked car fades in over seconds), light quickly.
        background[point] = before + drift + difference * (isMoved ? 0.06 : 0.2);
      }
    }
  }

  /** Cells where enough points moved, inside the zones and outside the masks. */
  #moved(): Uint8Array {
    const moved = this.#movedPoints;
    for (let cell = 0; cell < moved.length; cell++)
      moved[cell] = (moved[cell] as number) >= movedPointsMin && this.#wanted[cell] === 1 ? 1 : 0;
    return moved;
  }

  /** How much the whole picture became lighter or darker, when nearly all of it changed one way; else 0. */
  #brightnessDrift({ pixels, stride, width, height }: SparseLuma): number {
    let [up, down, sum, count] = [0, 0, 0, 0];
    for (let y = 0; y < height; y += cellPoints.down) {
      for (let x = (y / cellPoints.down) % 3; x < width; x += 3 * cellPoints.across) {
        const difference = (pixels[y * stride + x] as number) - (this.#background[y * width + x] as number);
        if (difference > 0) up++;
        else if (difference < 0) down++;
        if (difference > -40 && difference < 40) {
          sum += difference;
          count++;
        }
      }
    }
    const oneSided = Math.max(up, down) > 0.8 * (up + down);
    return oneSided && count > 0 ? sum / count : 0;
  }
}

function wantedCells({ zones, masks }: MotionSettings, columns: number, rows: number): Uint8Array {
  const wanted = new Uint8Array(columns * rows);
  for (let cell = 0; cell < wanted.length; cell++) {
    const x = ((cell % columns) + 0.5) / columns;
    const y = (Math.floor(cell / columns) + 0.5) / rows;
    const inZone = zones.length === 0 || zones.some((zone) => inside(zone, x, y));
    wanted[cell] = inZone && !masks.some((mask) => inside(mask, x, y)) ? 1 : 0;
  }
  return wanted;
}

/** Even-odd rule. */
function inside(polygon: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let odd = false;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [xi, yi] = polygon[i] as readonly [number, number];
    const [xj, yj] = polygon[j] as readonly [number, number];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) odd = !odd;
  }
  return odd;
}
