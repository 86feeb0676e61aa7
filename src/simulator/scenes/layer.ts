import type { CameraView, Vector } from './camera_view.js';
import type { Material, Patch } from './mesh.js';
import type { Picture } from './picture.js';

/** Samples per pixel side: surfaces are drawn finer than the frame, then averaged. */
export const samplesPerSide = 2;

const nearM = 0.25;

/** What is drawn over the background: colour and distance for every sample. `depth` is 1/z, 0 where nothing is. */
export interface Layer {
  readonly width: number;
  readonly height: number;
  readonly rgb: Float32Array;
  readonly depth: Float32Array;
  /** The part that was drawn on, in samples: left, top, right, bottom (exclusive). */
  readonly touched: [number, number, number, number];
}

export function makeLayer(width: number, height: number): Layer {
  const samples = width * samplesPerSide * height * samplesPerSide;
  return {
    width: width * samplesPerSide,
    height: height * samplesPerSide,
    rgb: new Float32Array(samples * 3),
    depth: new Float32Array(samples),
    touched: [Infinity, Infinity, 0, 0],
  };
}

export function clearLayer(layer: Layer): void {
  const [, top, , bottom] = layer.touched;
  if (bottom > top) layer.depth.fill(0, top * layer.width, bottom * layer.width);
  layer.touched.splice(0, 4, Infinity, Infinity, 0, 0);
}

/** How light falls on a point: `lit` multiplies the surface colour, `shine` (0 to 255) is added. */
interface Shade {
  readonly lit: Vector;
  readonly shine: Vector;
}

export type Shader = (world: Vector, normal: Vector, material: Material) => Shade;

/** Moves a local point or direction of a vehicle to the world. */
export interface Placement {
  readonly x: number;
  readonly z: number;
  /** Direction of the vehicle's length axis (front to rear) in the world, radians about y. */
  readonly heading: number;
}

export function placePoint(place: Placement, [x, y, z]: Vector): Vector {
  const cos = Math.cos(place.heading);
  const sin = Math.sin(place.heading);
  return [place.x + x * cos + z * sin, y, place.z - x * sin + z * cos];
}

function placeDirection(place: Placement, [x, y, z]: Vector): Vector {
  const cos = Math.cos(place.heading);
  const sin = Math.sin(place.heading);
  return [x * cos + z * sin, y, -x * sin + z * cos];
}

/** x, y, z in view, u, v, lit rgb, shine rgb. */
type ViewVertex = readonly number[];

/** Draws a patch; nearer surfaces hide farther ones. */
export function drawPatch(layer: Layer, view: CameraView, place: Placement, patch: Patch, shader: Shader): void {
  const vertices = patch.points.map((point, index) => viewVertex(view, place, patch, index, point, shader));
  for (let row = 0; row + 1 < patch.rows; row += 1) {
    for (let column = 0; column + 1 < patch.columns; column += 1) {
      const a = row * patch.columns + column;
      const corners = [a, a + 1, a + patch.columns + 1, a + patch.columns].map((index) => vertices[index]!);
      drawPolygon(layer, view, clipNear(corners), patch.material);
    }
  }
}

function viewVertex(
  view: CameraView,
  place: Placement,
  patch: Patch,
  index: number,
  point: Vector,
  shader: Shader,
): ViewVertex {
  const world = placePoint(place, point);
  const shade = shader(world, placeDirection(place, patch.normals[index]!), patch.material);
  const dx = world[0] - view.position[0];
  const dy = world[1] - view.position[1];
  const dz = world[2] - view.position[2];
  const along = (axis: Vector) => axis[0] * dx + axis[1] * dy + axis[2] * dz;
  const [u, v] = patch.uvs[index]!;
  return [along(view.right), along(view.down), along(view.forward), u, v, ...shade.lit, ...shade.shine];
}

function clipNear(corners: readonly ViewVertex[]): readonly ViewVertex[] {
  if (corners.every((corner) => corner[2]! >= nearM)) return corners;
  const kept: ViewVertex[] = [];
  corners.forEach((corner, index) => {
    const next = corners[(index + 1) % corners.length]!;
    if (corner[2]! >= nearM) kept.push(corner);
    if (corner[2]! >= nearM !== next[2]! >= nearM) {
      const share = (nearM - corner[2]!) / (next[2]! - corner[2]!);
      kept.push(corner.map((value, at) => value + (next[at]! - value) * share));
    }
  });
  return kept;
}

function drawPolygon(layer: Layer, view: CameraView, corners: readonly ViewVertex[], material: Material): void {
  const projected = corners.map((corner) => projectVertex(layer, view, corner));
  for (let index = 1; index + 1 < projected.length; index += 1) {
    drawTriangle(layer, projected[0]!, projected[index]!, projected[index + 1]!, material);
  }
}

/** Sample x, y, then 1/z and every attribute over z (so they can be interpolated on the screen). */
function projectVertex(layer: Layer, view: CameraView, corner: ViewVertex): Float64Array {
  const inverse = 1 / corner[2]!;
  const focal = view.focalPx * samplesPerSide;
  const out = new Float64Array(corner.length);
  out[0] = layer.width / 2 + focal * corner[0]! * inverse;
  out[1] = layer.height / 2 + focal * corner[1]! * inverse;
  out[2] = inverse;
  for (let at = 3; at < corner.length; at += 1) out[at] = corner[at]! * inverse;
  return out;
}

const texel = new Float64Array(3);

function drawTriangle(layer: Layer, a: Float64Array, b: Float64Array, c: Float64Array, material: Material): void {
  const area = (b[0]! - a[0]!) * (c[1]! - a[1]!) - (c[0]! - a[0]!) * (b[1]! - a[1]!);
  if (Math.abs(area) < 1e-9) return;
  const left = Math.max(0, Math.floor(Math.min(a[0]!, b[0]!, c[0]!)));
  const right = Math.min(layer.width, Math.ceil(Math.max(a[0]!, b[0]!, c[0]!)) + 1);
  const top = Math.max(0, Math.floor(Math.min(a[1]!, b[1]!, c[1]!)));
  const bottom = Math.min(layer.height, Math.ceil(Math.max(a[1]!, b[1]!, c[1]!)) + 1);
  if (left >= right || top >= bottom) return;
  touch(layer, left, top, right, bottom);
  const picture = texturePicture(material, a, b, c, Math.abs(area));
  const flat = 'colour' in material ? material.colour : ([22, 27, 32] as const);
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const wb = ((x + 0.5 - a[0]!) * (c[1]! - a[1]!) - (c[0]! - a[0]!) * (y + 0.5 - a[1]!)) / area;
      if (wb < 0) continue;
      const wc = ((b[0]! - a[0]!) * (y + 0.5 - a[1]!) - (x + 0.5 - a[0]!) * (b[1]! - a[1]!)) / area;
      if (wc < 0 || wb + wc > 1) continue;
      const wa = 1 - wb - wc;
      const inverse = wa * a[2]! + wb * b[2]! + wc * c[2]!;
      const sample = y * layer.width + x;
      if (inverse <= layer.depth[sample]!) continue;
      layer.depth[sample] = inverse;
      const value = (at: number) => (wa * a[at]! + wb * b[at]! + wc * c[at]!) / inverse;
      if (picture) sampleBilinear(picture, value(3), value(4), texel);
      for (let channel = 0; channel < 3; channel += 1) {
        const base = picture ? texel[channel]! : flat[channel]!;
        layer.rgb[sample * 3 + channel] = base * value(5 + channel) + value(8 + channel);
      }
    }
  }
}

function touch(layer: Layer, left: number, top: number, right: number, bottom: number): void {
  const { touched } = layer;
  touched[0] = Math.min(touched[0], left);
  touched[1] = Math.min(touched[1], top);
  touched[2] = Math.max(touched[2], right);
  touched[3] = Math.max(touched[3], bottom);
}

/** The level of the pyramid whose texels are about as large as the samples; null for a material without a picture. */
function texturePicture(
  material: Material,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  area: number,
): Picture | null {
  if (!('levels' in material)) return null;
  const u = (vertex: Float64Array) => vertex[3]! / vertex[2]!;
  const v = (vertex: Float64Array) => vertex[4]! / vertex[2]!;
  const textureArea = Math.abs((u(b) - u(a)) * (v(c) - v(a)) - (u(c) - u(a)) * (v(b) - v(a)));
  const finest = material.levels[0]!;
  const texelsPerSample = Math.sqrt((textureArea * finest.width * finest.height) / area) || 1;
  const level = Math.max(0, Math.min(material.levels.length - 1, Math.floor(Math.log2(texelsPerSample) + 0.35)));
  return material.levels[level]!;
}

function sampleBilinear(picture: Picture, u: number, v: number, out: Float64Array): void {
  const x = Math.max(0, Math.min(picture.width - 1.001, u * picture.width - 0.5));
  const y = Math.max(0, Math.min(picture.height - 1.001, v * picture.height - 0.5));
  const column = Math.floor(x);
  const row = Math.floor(y);
  const fx = x - column;
  const fy = y - row;
  const at = (row * picture.width + column) * 3;
  const below = at + picture.width * 3;
  const { rgb } = picture;
  for (let channel = 0; channel < 3; channel += 1) {
    const upper = rgb[at + channel]! * (1 - fx) + rgb[at + 3 + channel]! * fx;
    const lower = rgb[below + channel]! * (1 - fx) + rgb[below + 3 + channel]! * fx;
    out[channel] = upper * (1 - fy) + lower * fy;
  }
}

/** Averages the samples over the background that is already in `frame`. */
export function resolveLayer(layer: Layer, frame: Picture): void {
  const [left, top, right, bottom] = layer.touched;
  const share = 1 / (samplesPerSide * samplesPerSide);
  for (let y = Math.floor(top / samplesPerSide); y * samplesPerSide < bottom; y += 1) {
    for (let x = Math.floor(left / samplesPerSide); x * samplesPerSide < right; x += 1) {
      resolvePixel(layer, frame, x, y, share);
    }
  }
}

function resolvePixel(layer: Layer, frame: Picture, x: number, y: number, share: number): void {
  let red = 0;
  let green = 0;
  let blue = 0;
  let covered = 0;
  for (let row = y * samplesPerSide; row < (y + 1) * samplesPerSide; row += 1) {
    for (let column = x * samplesPerSide; column < (x + 1) * samplesPerSide; column += 1) {
      const sample = row * layer.width + column;
      if (layer.depth[sample] === 0) continue;
      covered += 1;
      red += layer.rgb[sample * 3]!;
      green += layer.rgb[sample * 3 + 1]!;
      blue += layer.rgb[sample * 3 + 2]!;
    }
  }
  if (covered === 0) return;
  const at = (y * frame.width + x) * 3;
  const keep = 1 - covered * share;
  frame.rgb[at] = frame.rgb[at]! * keep + red * share;
  frame.rgb[at + 1] = frame.rgb[at + 1]! * keep + green * share;
  frame.rgb[at + 2] = frame.rgb[at + 2]! * keep + blue * share;
}
