import type { Box } from '../data/box.js';

const none: readonly Box[] = [];

/** Groups marked cells of a grid into boxes. */
export class MovedCells {
  readonly #columns: number;
  readonly #rows: number;
  readonly #queue: number[] = [];

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
  }

  /**
   * Bounding boxes of connected cells (8-neighbourhood), one cell wider on each side, cut to the picture.
   * @param marked 1 = marked; changed on the way
   */
  boxes(marked: Uint8Array, cellPixels: number, width: number, height: number): readonly Box[] {
    let start = marked.indexOf(1);
    if (start < 0) return none;
    const boxes: Box[] = [];
    for (; start >= 0; start = marked.indexOf(1, start + 1)) {
      const { left, top, right, bottom } = this.#group(marked, start);
      const x = Math.max(0, (left - 1) * cellPixels);
      const y = Math.max(0, (top - 1) * cellPixels);
      const [xEnd, yEnd] = [Math.min(width, (right + 2) * cellPixels), Math.min(height, (bottom + 2) * cellPixels)];
      boxes.push({ x, y, width: xEnd - x, height: yEnd - y });
    }
    return boxes;
  }

  #group(marked: Uint8Array, start: number): { left: number; top: number; right: number; bottom: number } {
    const group = { left: this.#columns, top: this.#rows, right: 0, bottom: 0 };
    marked[start] = 2;
    this.#queue.push(start);
    for (let cell = this.#queue.pop(); cell !== undefined; cell = this.#queue.pop()) {
      const column = cell % this.#columns;
      const row = Math.floor(cell / this.#columns);
      group.left = Math.min(group.left, column);
      group.right = Math.max(group.right, column);
      group.top = Math.min(group.top, row);
      group.bottom = Math.max(group.bottom, row);
      this.#queueNeighbours(marked, column, row);
    }
    return group;
  }

  #queueNeighbours(marked: Uint8Array, column: number, row: number): void {
    for (let y = Math.max(0, row - 1); y <= Math.min(this.#rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(this.#columns - 1, column + 1); x++) {
        const next = y * this.#columns + x;
        if (marked[next] !== 1) continue;
        marked[next] = 2;
        this.#queue.push(next);
      }
    }
  }
}
