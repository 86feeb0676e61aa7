import type { Vector } from './camera_view.js';
import { type Material, makePatch, type Patch, quad } from './mesh.js';
import { type Colour, type Picture, pyramid } from './picture.js';
import { frontFace, rearFace, sideFace, sideWindows, wheelFace, wideWindow } from './vehicle_faces.js';
import {
  type CarShape,
  carShapes,
  halfWidth,
  hoodRise,
  noseCurve,
  roofHalfWidth,
  shoulderY,
  tailCurve,
} from './vehicle_shape.js';

/** A vehicle ready to draw: surfaces in local metres, its plate, its lights. */
export interface Vehicle {
  readonly length: number;
  readonly width: number;
  readonly patches: readonly Patch[];
  readonly plates: readonly MountedPlate[];
  readonly headlights: readonly Vector[];
  readonly taillights: readonly Vector[];
}

/** A plate and where it is: corners top left, top right, bottom right, bottom left as a person in front of it sees them. */
export interface MountedPlate {
  readonly corners: readonly [Vector, Vector, Vector, Vector];
  readonly patch: Patch;
  readonly side: 'front' | 'rear';
}

/** Plate size in metres and its picture. */
export interface PlateArt {
  readonly width: number;
  readonly height: number;
  readonly picture: Picture;
}

/** Fixes a plate at the height `y`; `z` is a little outside the body. */
export function mountPlate(art: PlateArt, y: number, z: number, side: 'front' | 'rear'): MountedPlate {
  const left = side === 'front' ? -art.width / 2 : art.width / 2;
  const top = y + art.height / 2;
  const bottom = y - art.height / 2;
  const corners: MountedPlate['corners'] = [
    [left, top, z],
    [-left, top, z],
    [-left, bottom, z],
    [left, bottom, z],
  ];
  return { corners, side, patch: quad({ kind: 'plate', levels: pyramid(art.picture) }, corners) };
}

export function makeCar(
  kind: CarShape['kind'],
  paint: Colour,
  plate: PlateArt,
  sides: readonly ('front' | 'rear')[],
): Vehicle {
  const shape = carShapes[kind];
  const plates = sides.map((side) =>
    side === 'front'
      ? mountPlate(plate, shape.frontPlateY, -0.025, side)
      : mountPlate(plate, shape.rearPlateY, shape.length + 0.025, side),
  );
  const half = halfWidth(shape, 0);
  const rearHalf = halfWidth(shape, shape.length);
  return {
    length: shape.length,
    width: shape.width,
    patches: [...bodyPatches(shape, paint), ...wheelPatches(shape), ...plates.map((mounted) => mounted.patch)],
    plates,
    headlights: [-1, 1].map((side): Vector => [side * (half - 0.16), shape.noseY - 0.13, 0.03]),
    taillights: [-1, 1].map((side): Vector => [side * (rearHalf - 0.12), shape.tailY - 0.14, shape.length - 0.03]),
  };
}

function pictureMaterial(picture: Picture, gloss: number): Material {
  return { kind: 'picture', levels: pyramid(picture), gloss };
}

function bodyPatches(shape: CarShape, paint: Colour): Patch[] {
  const painted: Material = { kind: 'paint', colour: paint, gloss: 0.6 };
  return [
    ...endPatches(shape, paint),
    ...topPatches(shape, paint, painted),
    ...sidePatches(shape, paint),
    ...mirrorPatches(shape, painted),
  ];
}

const lerp = (from: number, to: number, share: number) => from + (to - from) * share;

/** Front and rear faces, curved back at the corners and rounded at the upper edge. */
function endPatches(shape: CarShape, paint: Colour): Patch[] {
  const { length, noseY, sillY, tailY } = shape;
  const rounding = (v: number) => 0.07 * Math.max(0, 1 - v / 0.25) ** 2 + 0.05 * Math.max(0, v - 0.75);
  const front = (u: number, v: number): Vector => {
    const x = u * 2 - 1;
    return [x * halfWidth(shape, noseCurve), lerp(noseY, sillY, v), noseCurve * x ** 4 + rounding(v)];
  };
  const rear = (u: number, v: number): Vector => {
    const x = 1 - u * 2;
    return [x * halfWidth(shape, length - tailCurve), lerp(tailY, sillY, v), length - tailCurve * x ** 4 - rounding(v)];
  };
  return [
    makePatch(13, 9, pictureMaterial(frontFace(shape, paint), 0.35), front),
    makePatch(13, 9, pictureMaterial(rearFace(shape, paint), 0.35), rear),
  ];
}

/** Hood, windscreen, roof, rear window, boot lid: from front to rear, each crowned across. */
function topPatches(shape: CarShape, paint: Colour, painted: Material): Patch[] {
  const { length, height, cowlZ, roofFrontZ, roofRearZ, deckZ } = shape;
  const roofHalf = roofHalfWidth(shape);
  const roofY = height - 0.05;
  const strip =
    (from: readonly [number, number, number], to: readonly [number, number, number], bow: number, crown: number) =>
    (u: number, v: number): Vector => {
      const x = u * 2 - 1;
      const flat = 1 - x * x;
      const half = lerp(from[0], to[0], v);
      return [x * half, lerp(from[1], to[1], v) + crown * flat, lerp(from[2], to[2], v) + bow * x * x];
    };
  const hood = (u: number, v: number): Vector => {
    const x = u * 2 - 1;
    const z = lerp(noseCurve * x ** 4 + 0.07, cowlZ + 0.1 * x * x, v);
    const y = lerp(shape.noseY, shape.cowlY, hoodRise(v)) + 0.035 * (1 - x * x) * Math.min(1, v * 4);
    return [x * halfWidth(shape, Math.max(z, noseCurve)), y, z];
  };
  const boot = (u: number, v: number): Vector => {
    const x = u * 2 - 1;
    const half = lerp(halfWidth(shape, deckZ) - 0.04, halfWidth(shape, length - tailCurve), v);
    const z = lerp(deckZ - 0.08 * x * x, length - 0.07 - tailCurve * x ** 4, v);
    return [x * half, lerp(shape.deckY, shape.tailY, v) + 0.04 * (1 - x * x) * (1 - v), z];
  };
  const cowl = [halfWidth(shape, cowlZ) - 0.06, shape.cowlY, cowlZ] as const;
  const roofFront = [roofHalf, roofY, roofFrontZ] as const;
  const roofRear = [roofHalf, roofY - 0.02, roofRearZ] as const;
  const deck = [halfWidth(shape, deckZ) - 0.06, shape.deckY, deckZ] as const;
  return [
    makePatch(11, 9, painted, hood),
    makePatch(9, 7, pictureMaterial(wideWindow(paint, false), 0.8), strip(cowl, roofFront, 0.1, 0.04), {
      uv: (_, u, v) => [u, 1 - v],
    }),
    makePatch(9, 7, painted, strip(roofFront, roofRear, 0, 0.045)),
    makePatch(9, 7, pictureMaterial(wideWindow(paint, true), 0.8), strip(roofRear, deck, -0.08, 0.04), {
      uv: (_, u, v) => [u, v],
    }),
    makePatch(9, 5, painted, boot),
  ];
}

function sidePatches(shape: CarShape, paint: Colour): Patch[] {
  const { length, sillY, cowlZ, deckZ, roofFrontZ, roofRearZ } = shape;
  const topY = Math.max(shape.cowlY, shape.deckY) + 0.02;
  const lower = pictureMaterial(sideFace(shape, paint, topY), 0.45);
  const windows = pictureMaterial(sideWindows(shape, paint), 0.6);
  const roofHalf = roofHalfWidth(shape);
  return [-1, 1].flatMap((side) => [
    makePatch(
      25,
      7,
      lower,
      (u, v) => {
        const z = lerp(noseCurve, length - tailCurve, u);
        const bulge = 0.05 * (1 - v) ** 3 + 0.05 * v ** 3;
        return [
          side * (halfWidth(shape, z) - bulge * Math.min(1, v + (z > cowlZ ? 1 : 0))),
          lerp(shoulderY(shape, z), sillY, v),
          z,
        ];
      },
      { uv: ([, y, z]) => [z / length, (topY - y) / (topY - sillY)] },
    ),
    makePatch(9, 5, windows, (u, v) => {
      const bottomZ = lerp(cowlZ, deckZ, u);
      const z = lerp(lerp(roofFrontZ, roofRearZ, u), bottomZ, v);
      const bottomX = halfWidth(shape, bottomZ) - 0.05;
      return [side * lerp(roofHalf, bottomX, v), lerp(shape.height - 0.05, shoulderY(shape, bottomZ), v), z];
    }),
  ]);
}

function mirrorPatches(shape: CarShape, painted: Material): Patch[] {
  return [-1, 1].map((side) =>
    ellipsoid(painted, [side * (shape.width / 2 + 0.09), shape.cowlY + 0.07, shape.cowlZ + 0.42], [0.11, 0.075, 0.06]),
  );
}

/** A rounded lump: mirrors, helmets, tanks. */
export function ellipsoid(material: Material, centre: Vector, radii: Vector): Patch {
  return makePatch(11, 7, material, (u, v) => {
    const around = u * Math.PI * 2;
    const down = v * Math.PI;
    return [
      centre[0] + Math.cos(around) * Math.sin(down) * radii[0],
      centre[1] + Math.cos(down) * radii[1],
      centre[2] + Math.sin(around) * Math.sin(down) * radii[2],
    ];
  });
}

function wheelPatches(shape: CarShape): Patch[] {
  const face = pictureMaterial(wheelFace(), 0.2);
  return [shape.frontAxleZ, shape.rearAxleZ].flatMap((z) =>
    [-1, 1].flatMap((side) =>
      wheel(face, [side * (shape.width / 2 - 0.015), shape.wheelRadius, z], shape.wheelRadius, side * 0.22),
    ),
  );
}

/** A wheel about the x axis: its outer face and the tread that reaches `depth` inwards. */
export function wheel(face: Material, centre: Vector, radius: number, depth: number): Patch[] {
  const rubber: Material = { kind: 'paint', colour: [24, 24, 25], gloss: 0 };
  const rim = (u: number): readonly [number, number] => [Math.cos(u * Math.PI * 2), Math.sin(u * Math.PI * 2)];
  return [
    makePatch(
      17,
      2,
      face,
      (u, v) => [centre[0], centre[1] + rim(u)[1] * radius * v, centre[2] + rim(u)[0] * radius * v],
      { uv: (_, u, v) => [0.5 + rim(u)[0] * 0.5 * v, 0.5 - rim(u)[1] * 0.5 * v] },
    ),
    makePatch(17, 2, rubber, (u, v) => [
      centre[0] - depth * v,
      centre[1] + rim(u)[1] * radius,
      centre[2] + rim(u)[0] * radius,
    ]),
  ];
}
