import { normalise, subtract, type Vector } from './camera_view.js';
import type { Colour, Picture } from './picture.js';

/** What a surface looks like. */
export type Material =
  | { readonly kind: 'paint'; readonly colour: Colour; readonly gloss: number }
  | { readonly kind: 'picture'; readonly levels: readonly Picture[]; readonly gloss: number }
  /** A retro-reflecting plate: returns light to the camera at night. */
  | { readonly kind: 'plate'; readonly levels: readonly Picture[] }
  | { readonly kind: 'glass' }
  | { readonly kind: 'light'; readonly colour: Colour };

/** A grid of vertices: `columns` x `rows` points, row by row, with smooth normals. Local metres of the vehicle. */
export interface Patch {
  readonly columns: number;
  readonly rows: number;
  readonly points: readonly Vector[];
  readonly normals: readonly Vector[];
  /** Texture coordinates 0 to 1, v down. */
  readonly uvs: readonly (readonly [number, number])[];
  readonly material: Material;
}

/** Builds a patch from a function of (u, v) in 0..1; the outside is where (d/du x d/dv) points, or against it if flipped. */
export function makePatch(
  columns: number,
  rows: number,
  material: Material,
  at: (u: number, v: number) => Vector,
  options: { flip?: boolean; uv?: (point: Vector, u: number, v: number) => readonly [number, number] } = {},
): Patch {
  const points: Vector[] = [];
  const normals: Vector[] = [];
  const uvs: (readonly [number, number])[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const u = column / (columns - 1);
      const v = row / (rows - 1);
      const point = at(u, v);
      points.push(point);
      normals.push(normalAt(at, u, v, options.flip ?? false));
      uvs.push(options.uv ? options.uv(point, u, v) : [u, v]);
    }
  }
  return { columns, rows, points, normals, uvs, material };
}

function normalAt(at: (u: number, v: number) => Vector, u: number, v: number, flip: boolean): Vector {
  const step = 0.01;
  const alongU = subtract(at(Math.min(1, u + step), v), at(Math.max(0, u - step), v));
  const alongV = subtract(at(u, Math.min(1, v + step)), at(u, Math.max(0, v - step)));
  const normal = normalise([
    alongU[1] * alongV[2] - alongU[2] * alongV[1],
    alongU[2] * alongV[0] - alongU[0] * alongV[2],
    alongU[0] * alongV[1] - alongU[1] * alongV[0],
  ]);
  return flip ? [-normal[0], -normal[1], -normal[2]] : normal;
}

/** A flat four-cornered surface: top left, top right, bottom right, bottom left as seen from outside. */
export function quad(material: Material, corners: readonly [Vector, Vector, Vector, Vector]): Patch {
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  const between = (a: Vector, b: Vector, share: number): Vector => [
    a[0] + (b[0] - a[0]) * share,
    a[1] + (b[1] - a[1]) * share,
    a[2] + (b[2] - a[2]) * share,
  ];
  return makePatch(
    2,
    2,
    material,
    (u, v) => between(between(topLeft, topRight, u), between(bottomLeft, bottomRight, u), v),
    { flip: true },
  );
}
