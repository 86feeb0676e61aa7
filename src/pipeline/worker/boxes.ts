/** A found box, corners in pixels. */
export interface ScoredBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly score: number;
}

const consideredMax = 64;

/** The detector's rows that reach `scoreMin`. @param rows N x `columns`, the first five x1, y1, x2, y2, score */
export function scoredBoxes(rows: Float32Array, columns: number, scoreMin: number): ScoredBox[] {
  const boxes: ScoredBox[] = [];
  for (let at = 0; at + columns <= rows.length; at += columns) {
    const score = rows[at + 4] as number;
    if (!(score >= scoreMin)) continue;
    const [x1, y1, x2, y2] = [rows[at], rows[at + 1], rows[at + 2], rows[at + 3]] as [number, number, number, number];
    if (x2 - x1 >= 2 && y2 - y1 >= 2) boxes.push({ x1, y1, x2, y2, score });
  }
  return boxes;
}

/**
 * Greedy non-maximum suppression, best first. Two boxes are the same plate when IoU, or half the share of the smaller one that is covered,
 * reaches `overlapMin`: a box inside another is a part of it.
 */
export function suppress(found: readonly ScoredBox[], overlapMin: number): ScoredBox[] {
  const boxes = [...found].sort((a, b) => b.score - a.score).slice(0, consideredMax);
  const kept: ScoredBox[] = [];
  for (const box of boxes) if (kept.every((other) => overlap(box, other) < overlapMin)) kept.push(box);
  return kept;
}

function overlap(a: ScoredBox, b: ScoredBox): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const [areaA, areaB] = [(a.x2 - a.x1) * (a.y2 - a.y1), (b.x2 - b.x1) * (b.y2 - b.y1)];
  return Math.max(shared / (areaA + areaB - shared), (0.5 * shared) / Math.min(areaA, areaB));
}
