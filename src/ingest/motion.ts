import type { Box } from '../data/box.js';

/** Luma of one decoded frame; `stride` bytes from row to row. */
export interface Luma {
  readonly pixels: Uint8Array;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

export interface MotionSettings {
  readonly threshold: number;
  readonly zones: readonly (readonly (readonly [number, number])[])[];
  readonly masks: readonly (readonly (readonly [number, number])[])[];
}

const cellPixels = 32;
/** Points looked at per cell and direction: 4 x 4 of 32 x 32. */
const pointsPerSide = 4;
const movedPointsMin = 3;
/** A plate with the bumper around it moves at least this many cells. */
const movedCellsMin = 1;

/**
 * Finds where a frame differs from a slowly learnt background, from one luma point in 64, before anything is scaled or copied.
 * Overall brightness is taken out first, so that a cloud or the camera's own exposure is no motion.
 */
export class MotionGate {
  readonly #settings: MotionSettings;
  #width = 0;
  #height = 0;
  #columns = 0;
  #rows = 0;
  #background: Float32Array = new Float32Array(0);
  #wanted: Uint8Array = new Uint8Array(0);

  constructor(settings: MotionSettings) {
    this.#settings = settings;
  }

  /** @returns boxes around what moved, in pixels; none = still. The first frame of a size moves everywhere. */
  look(luma: Luma): Box[] {
    if (luma.width !== this.#width || luma.height !== this.#height) return this.#start(luma);
    return this.#boxes(this.#compare(luma));
  }

  #start(luma: Luma): Box[] {
    this.#width = luma.width;
    this.#height = luma.height;
    this.#columns = Math.ceil(luma.width / cellPixels);
    this.#rows = Math.ceil(luma.height / cellPixels);
    this.#background = new Float32Array(this.#columns * this.#rows * pointsPerSide * pointsPerSide).fill(-1);
    this.#wanted = this.#wantedCells();
    this.#compare(luma);
    return [{ x: 0, y: 0, width: luma.width, height: luma.height }];
  }

  #wantedCells(): Uint8Array {
    const wanted = new Uint8Array(this.#columns * this.#rows);
    const { zones, masks } = this.#settings;
    for (let cell = 0; cell < wanted.length; cell++) {
      const x = ((cell % this.#columns) + 0.5) / this.#columns;
      const y = (Math.floor(cell / this.#columns) + 0.5) / this.#rows;
      const inZone = zones.length === 0 || zones.some((zone) => inside(zone, x, y));
      wanted[cell] = inZone && !masks.some((mask) => inside(mask, x, y)) ? 1 : 0;
    }
    return wanted;
  }

  /** Marks moved cells and learns the background. */
  #compare({ pixels, stride, width, height }: Luma): Uint8Array {
    const { threshold } = this.#settings;
    const background = this.#background;
    const moved = new Uint8Array(this.#columns * this.#rows);
    const step = cellPixels / pointsPerSide;
    const drift = this.#brightnessDrift(pixels, stride, width, height);
    let point = 0;
    for (let row = 0; row < this.#rows; row++) {
      for (let column = 0; column < this.#columns; column++) {
        let movedPoints = 0;
        for (let i = 0; i < pointsPerSide; i++) {
          const y = Math.min(height - 1, row * cellPixels + i * step + step / 2);
          for (let j = 0; j < pointsPerSide; j++, point++) {
            const x = Math.min(width - 1, column * cellPixels + j * step + step / 2);
            const now = pixels[y * stride + x] as number;
            const before = background[point] as number;
            if (before < 0) {
              background[point] = now;
              continue;
            }
            const difference = now - before - drift;
            const isMoved = difference > threshold || difference < -threshold;
            if (isMoved) movedPoints++;
            // What moves is learnt slowly (a parked car fades in over seconds), light quickly.
            background[point] = before + drift + difference * (isMoved ? 0.06 : 0.2);
          }
        }
        const cell = row * this.#columns + column;
        if (movedPoints >= movedPointsMin && this.#wanted[cell] === 1) moved[cell] = 1;
      }
    }
    return moved;
  }

  /** Median-like change of brightness over a coarse sample of points. */
  #brightnessDrift(pixels: Uint8Array, stride: number, width: number, height: number): number {
    const background = this.#background;
    const step = cellPixels / pointsPerSide;
    const perCell = pointsPerSide * pointsPerSide;
    let up = 0;
    let down = 0;
    let sum = 0;
    let count = 0;
    for (let cell = 0; cell < this.#columns * this.#rows; cell += 3) {
      const before = background[cell * perCell] as number;
      if (before < 0) continue;
      const y = Math.min(height - 1, Math.floor(cell / this.#columns) * cellPixels + step / 2);
      const x = Math.min(width - 1, (cell % this.#columns) * cellPixels + step / 2);
      const difference = (pixels[y * stride + x] as number) - before;
      if (difference > 0) up++;
      else if (difference < 0) down++;
      if (difference > -40 && difference < 40) {
        sum += difference;
        count++;
      }
    }
    const oneSided = Math.max(up, down) > 0.8 * (up + down);
    return oneSided && count > 0 ? sum / count : 0;
  }

  /** Bounding boxes of connected moved cells (8-neighbourhood), one cell wider on each side. */
  #boxes(moved: Uint8Array): Box[] {
    const boxes: Box[] = [];
    const queue: number[] = [];
    for (let start = 0; start < moved.length; start++) {
      if (moved[start] !== 1) continue;
      let [left, right, top, bottom, cells] = [this.#columns, 0, this.#rows, 0, 0];
      moved[start] = 2;
      queue.push(start);
      for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
        const column = cell % this.#columns;
        const row = Math.floor(cell / this.#columns);
        cells++;
        left = Math.min(left, column);
        right = Math.max(right, column);
        top = Math.min(top, row);
        bottom = Math.max(bottom, row);
        for (let dy = -1; dy <= 1; dy++) {
          for (let dx = -1; dx <= 1; dx++) {
            const [x, y] = [column + dx, row + dy];
            if (x < 0 || y < 0 || x >= this.#columns || y >= this.#rows) continue;
            const next = y * this.#columns + x;
            if (moved[next] === 1) {
              moved[next] = 2;
              queue.push(next);
            }
          }
        }
      }
      if (cells >= movedCellsMin) boxes.push(this.#pixelBox(left - 1, top - 1, right + 1, bottom + 1));
    }
    return boxes;
  }

  #pixelBox(left: number, top: number, right: number, bottom: number): Box {
    const x = Math.max(0, left * cellPixels);
    const y = Math.max(0, top * cellPixels);
    return {
      x,
      y,
      width: Math.min(this.#width, (right + 1) * cellPixels) - x,
      height: Math.min(this.#height, (bottom + 1) * cellPixels) - y,
    };
  }
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
