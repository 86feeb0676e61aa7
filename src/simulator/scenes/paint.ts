import { blendPixel, type Colour, type Picture } from './picture.js';

/** A point in pixels of the picture, y down. */
export type Point = readonly [number, number];

const rowsPerPixel = 4;

/** Fills a polygon (even-odd), with smooth edges. */
export function fillPolygon(picture: Picture, points: readonly Point[], colour: Colour, opacity = 1): void {
  const ys = points.map((point) => point[1]);
  const top = Math.max(0, Math.floor(Math.min(...ys)));
  const bottom = Math.min(picture.height - 1, Math.ceil(Math.max(...ys)));
  const coverage = new Float32Array(picture.width);
  for (let y = top; y <= bottom; y += 1) {
    coverage.fill(0);
    for (let part = 0; part < rowsPerPixel; part += 1) coverRow(coverage, points, y + (part + 0.5) / rowsPerPixel);
    for (let x = 0; x < picture.width; x += 1) {
      if (coverage[x]! > 0) blendPixel(picture, x, y, colour, (coverage[x]! / rowsPerPixel) * opacity);
    }
  }
}

/** Adds the share of each pixel that lies inside the polygon on one horizontal line. */
function coverRow(coverage: Float32Array, points: readonly Point[], y: number): void {
  const crossings: number[] = [];
  points.forEach(([x1, y1], index) => {
    const [x2, y2] = points[(index + 1) % points.length]!;
    if (y1 <= y !== y2 <= y) crossings.push(x1 + ((y - y1) / (y2 - y1)) * (x2 - x1));
  });
  crossings.sort((a, b) => a - b);
  for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
    const from = Math.max(0, crossings[pair]!);
    const to = Math.min(coverage.length, crossings[pair + 1]!);
    for (let x = Math.floor(from); x < to; x += 1) {
      coverage[x]! += Math.max(0, Math.min(to, x + 1) - Math.max(from, x));
    }
  }
}

export function fillRect(
  picture: Picture,
  [x, y, width, height]: readonly [number, number, number, number],
  colour: Colour,
  opacity = 1,
): void {
  const right = x + width;
  const bottom = y + height;
  fillPolygon(
    picture,
    [
      [x, y],
      [right, y],
      [right, bottom],
      [x, bottom],
    ],
    colour,
    opacity,
  );
}

export function fillEllipse(
  picture: Picture,
  centre: Point,
  radii: readonly [number, number],
  colour: Colour,
  opacity = 1,
): void {
  const points: Point[] = [];
  for (let step = 0; step < 40; step += 1) {
    const angle = (step / 40) * Math.PI * 2;
    points.push([centre[0] + Math.cos(angle) * radii[0], centre[1] + Math.sin(angle) * radii[1]]);
  }
  fillPolygon(picture, points, colour, opacity);
}

/** Draws a line through the points with round caps and joins. `width` in pixels. */
export function strokeLine(
  picture: Picture,
  points: readonly Point[],
  width: number,
  colour: Colour,
  opacity = 1,
): void {
  const reach = width / 2 + 1;
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const right = Math.min(picture.width - 1, Math.ceil(Math.max(...xs) + reach));
  const bottom = Math.min(picture.height - 1, Math.ceil(Math.max(...ys) + reach));
  for (let y = Math.max(0, Math.floor(Math.min(...ys) - reach)); y <= bottom; y += 1) {
    for (let x = Math.max(0, Math.floor(Math.min(...xs) - reach)); x <= right; x += 1) {
      const distance = distanceToLine(points, x + 0.5, y + 0.5);
      blendPixel(picture, x, y, colour, Math.max(0, Math.min(1, width / 2 + 0.5 - distance)) * opacity);
    }
  }
}

function distanceToLine(points: readonly Point[], x: number, y: number): number {
  let nearest = Infinity;
  for (let index = 0; index + 1 < points.length; index += 1) {
    const [x1, y1] = points[index]!;
    const [x2, y2] = points[index + 1]!;
    const dx = x2 - x1;
    const dy = y2 - y1;
    const along = Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
    nearest = Math.min(nearest, Math.hypot(x - x1 - along * dx, y - y1 - along * dy));
  }
  return nearest;
}
