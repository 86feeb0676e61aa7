import { type Atmosphere, haze, lampReach, skyColour } from './atmosphere.js';
import { type CameraView, dot, rayThrough, type Vector } from './camera_view.js';
import { type Colour, makePicture, mix, type Picture } from './picture.js';
import { cloudNoise, latticeNoise, seededRandom, smoothNoise } from './random.js';

/** The street: a straight road along z with pavements, lawns, rows of houses and trees. Metres. */
export interface Street {
  readonly seed: number;
  readonly lanes: number;
  readonly laneWidthM: number;
  /** Yellow double line in the middle (two-way) or dashed white lines only. */
  readonly twoWay: boolean;
  readonly buildings: boolean;
}

const pavementM = 2.4;
const facadeM = 6.5;
const raysPerSide = 2;

/** Renders the empty street once; vehicles are drawn over copies of it. */
export function drawStreet(street: Street, view: CameraView, atmosphere: Atmosphere): Picture {
  const frame = makePicture(view.width, view.height);
  const trees = plantTrees(street);
  for (let y = 0; y < view.height; y += 1) {
    for (let x = 0; x < view.width; x += 1) {
      const sum = [0, 0, 0];
      for (let ray = 0; ray < raysPerSide * raysPerSide; ray += 1) {
        const shiftX = ((ray % raysPerSide) + 0.5) / raysPerSide;
        const shiftY = (Math.floor(ray / raysPerSide) + 0.5) / raysPerSide;
        const colour = colourAlong(street, view, atmosphere, trees, rayThrough(view, x + shiftX, y + shiftY));
        for (let channel = 0; channel < 3; channel += 1) sum[channel]! += colour[channel]!;
      }
      const at = (y * view.width + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) frame.rgb[at + channel] = sum[channel]! / raysPerSide ** 2;
    }
  }
  return frame;
}

interface Hit {
  readonly distance: number;
  readonly colour: Colour;
}

function colourAlong(
  street: Street,
  view: CameraView,
  atmosphere: Atmosphere,
  trees: readonly Tree[],
  ray: Vector,
): Colour {
  const hits = [hitGround(street, view, atmosphere, ray), ...hitFacades(street, view, ray)];
  let nearest: Hit | null = null;
  for (const hit of hits) if (hit && (!nearest || hit.distance < nearest.distance)) nearest = hit;
  for (const tree of trees) {
    const hit = hitTree(tree, view, ray, atmosphere);
    if (hit && (!nearest || hit.distance < nearest.distance)) nearest = hit;
  }
  if (!nearest) return farHills(ray, atmosphere, street.seed);
  const lightness = (atmosphere.weather === 'night' ? 0.2 : 0.92) + lampReach(atmosphere, nearest.distance) * 0.75;
  const lit: Colour = [nearest.colour[0] * lightness, nearest.colour[1] * lightness, nearest.colour[2] * lightness];
  return haze(atmosphere, lit, nearest.distance);
}

function hitGround(street: Street, view: CameraView, atmosphere: Atmosphere, ray: Vector): Hit | null {
  if (ray[1] > -0.004) return null;
  const distance = -view.position[1] / ray[1];
  if (distance > 260) return null;
  const x = view.position[0] + ray[0] * distance;
  const z = view.position[2] + ray[2] * distance;
  const grain = distance / view.focalPx;
  const colour = groundColour(street, x, z, grain);
  if (atmosphere.weather !== 'rain' || Math.abs(x) > roadHalf(street)) return { distance, colour };
  const gloss = 0.75 * (1 + ray[1]) ** 3 * (0.55 + 0.45 * smoothNoise(x * 1.4, z * 0.35, street.seed + 9));
  return { distance, colour: mix(mix(colour, [20, 22, 24], 0.3), atmosphere.skyHorizon, Math.max(0, gloss)) };
}

function roadHalf(street: Street): number {
  return (street.lanes * street.laneWidthM) / 2 + 0.4;
}

/** `grain` is about how many metres one pixel covers there: fine detail fades before it flickers. */
function groundColour(street: Street, x: number, z: number, grain: number): Colour {
  const half = roadHalf(street);
  const side = Math.abs(x);
  if (side < half) return roadColour(street, x, z, grain);
  if (side < half + 0.18) return mix([150, 148, 143], [120, 118, 114], cloudNoise(x * 9, z * 0.7, street.seed));
  if (side < half + 0.18 + pavementM) return pavementColour(street, side - half, z, grain);
  const blades = cloudNoise(x * 2.2, z * 2.2, street.seed + 4) + 0.35 * (latticeNoise(x * 30, z * 30, 5) - 0.5);
  return mix([58, 78, 40], [112, 122, 72], blades);
}

function roadColour(street: Street, x: number, z: number, grain: number): Colour {
  const fine = Math.max(0, 1 - grain * 45);
  const speckle = (latticeNoise(Math.floor(x * 55), Math.floor(z * 55), street.seed) - 0.5) * 26 * fine;
  const patch = (cloudNoise(x * 0.8, z * 0.18, street.seed + 1) - 0.5) * 22;
  const lane = Math.abs(((x / street.laneWidthM + street.lanes / 2 + 10) % 1) - 0.5);
  const worn = -9 * Math.exp(-(((lane - 0.22) / 0.09) ** 2)) - 7 * Math.exp(-((lane / 0.08) ** 2));
  const crack = crackAt(street, x, z) * fine * -34;
  const grey = 98 + speckle + patch + worn + crack;
  const paint = lineColour(street, x, z);
  const base: Colour = [grey, grey, grey + 2];
  return paint ? mix(base, paint, 0.62 + 0.3 * cloudNoise(x * 8, z * 3, street.seed + 2)) : base;
}

function crackAt(street: Street, x: number, z: number): number {
  const drift = smoothNoise(z * 0.5, 3, street.seed + 6) * 3 - 1.5;
  const near = Math.abs(x - drift - 0.9);
  return near < 0.015 && smoothNoise(z * 0.25, 8, street.seed + 7) > 0.45 ? 1 : 0;
}

function lineColour(street: Street, x: number, z: number): Colour | null {
  const half = (street.lanes * street.laneWidthM) / 2;
  const white: Colour = [222, 222, 216];
  if (Math.abs(Math.abs(x) - half) < 0.07) return white;
  if (street.twoWay && Math.abs(Math.abs(x) - 0.14) < 0.06) return [214, 168, 44];
  for (let line = 1; line < street.lanes; line += 1) {
    const at = -half + line * street.laneWidthM;
    const middle = Math.abs(at) < 0.1;
    if (!(middle && street.twoWay) && Math.abs(x - at) < 0.065 && ((z % 9) + 9) % 9 < 3) return white;
  }
  return null;
}

function pavementColour(street: Street, side: number, z: number, grain: number): Colour {
  const joint =
    Math.min(z - Math.floor(z / 1.5) * 1.5, Math.abs(side - 1.3)) < 0.02 ? -30 * Math.max(0, 1 - grain * 25) : 0;
  const grey = 158 + (cloudNoise(side * 3, z * 2, street.seed + 3) - 0.5) * 30 + joint;
  return [grey, grey - 2, grey - 8];
}

/** Rows of houses on both sides: blocks of different height, colour and depth. */
function hitFacades(street: Street, view: CameraView, ray: Vector): (Hit | null)[] {
  if (!street.buildings) return [];
  return [-1, 1].map((side) => {
    if (Math.abs(ray[0]) < 1e-5) return null;
    const wallX = side * (roadHalf(street) + pavementM + facadeM);
    const distance = (wallX - view.position[0]) / ray[0];
    if (distance <= 0 || distance > 220) return null;
    const y = view.position[1] + ray[1] * distance;
    const z = view.position[2] + ray[2] * distance;
    if (y < 0) return null;
    const colour = facadeColour(street, side, y, z);
    return colour ? { distance, colour } : null;
  });
}

const blockM = 14;
const wallColours: readonly Colour[] = [
  [152, 98, 78],
  [186, 172, 148],
  [136, 128, 124],
  [196, 188, 178],
  [120, 84, 72],
  [168, 152, 128],
];

function facadeColour(street: Street, side: number, y: number, z: number): Colour | null {
  const block = Math.floor((z + side * 5) / blockM);
  const inBlock = z + side * 5 - block * blockM;
  const storeys = 2 + Math.floor(latticeNoise(block, side, street.seed + 20) * 3);
  const height = storeys * 3.2 + 0.8;
  if (inBlock > blockM - 2.2 || y > height) return null;
  const wall = wallColours[Math.floor(latticeNoise(block, side, street.seed + 21) * wallColours.length)]!;
  const tint = side < 0 ? 1.04 : 0.74;
  const shade = tint * (0.9 + 0.2 * cloudNoise(z * 1.5, y * 1.5, street.seed + 22)) - (y % 0.24 < 0.02 ? 0.05 : 0);
  if (y > height - 0.5) return [110 * tint, 106 * tint, 100 * tint];
  const windowX = inBlock % 2.35;
  const windowY = (y - 0.4) % 3.2;
  if (windowX > 0.62 && windowX < 1.75 && windowY > 0.8 && windowY < 2.5) {
    return windowColour(
      street,
      side,
      windowX,
      windowY,
      block * 50 + Math.floor(inBlock / 2.35),
      Math.floor((y - 0.4) / 3.2),
    );
  }
  return [wall[0] * shade, wall[1] * shade, wall[2] * shade];
}

function windowColour(street: Street, side: number, x: number, y: number, column: number, row: number): Colour {
  const edge = x < 0.7 || x > 1.67 || y < 0.88 || y > 2.42 || Math.abs(x - 1.185) < 0.03;
  if (edge) return [206, 204, 198];
  const lightness = latticeNoise(column, row + side * 7, street.seed + 23);
  return mix([38, 46, 54], [128, 146, 162], lightness * 0.6 + (y - 0.8) * 0.16);
}

interface Tree {
  readonly x: number;
  readonly z: number;
  readonly trunkM: number;
  readonly crownM: number;
  readonly seed: number;
}

function plantTrees(street: Street): Tree[] {
  const random = seededRandom(street.seed + 77);
  const trees: Tree[] = [];
  for (let z = 9; z < 110; z += 6 + random() * 7) {
    const side = random() < 0.5 ? -1 : 1;
    const x = side * (roadHalf(street) + pavementM + 1.2 + random() * 3);
    trees.push({ x, z, trunkM: 2 + random(), crownM: 1.6 + random() * 1.3, seed: Math.floor(random() * 1e6) });
  }
  return trees;
}

function hitTree(tree: Tree, view: CameraView, ray: Vector, atmosphere: Atmosphere): Hit | null {
  const distance = (tree.z - view.position[2]) / ray[2];
  if (!(distance > 0)) return null;
  const x = view.position[0] + ray[0] * distance - tree.x;
  if (Math.abs(x) > tree.crownM * 1.3) return null;
  const y = view.position[1] + ray[1] * distance;
  if (y < tree.trunkM && y > 0 && Math.abs(x) < 0.14) return { distance, colour: [72, 60, 50] };
  const up = y - tree.trunkM - tree.crownM * 0.8;
  const leaves = cloudNoise(x * 3 + 40, y * 3, tree.seed);
  if (Math.hypot(x, up * 0.95) > tree.crownM * (0.68 + 0.55 * leaves)) return null;
  const light = 0.55 + 0.4 * (up / tree.crownM) + 0.5 * (latticeNoise(x * 14, y * 14, tree.seed) - 0.5);
  const sunny = dot([x / tree.crownM, up / tree.crownM, -0.5], atmosphere.sun) * 0.25;
  const level = Math.max(0.25, light + sunny);
  return { distance, colour: [72 * level, 98 * level, 46 * level] };
}

function farHills(ray: Vector, atmosphere: Atmosphere, seed: number): Colour {
  const ridge = 0.02 + 0.035 * cloudNoise(ray[0] * 9 + 30, 1, seed + 50);
  const sky = skyColour(atmosphere, ray);
  if (ray[1] > ridge) {
    const cloud = Math.max(0, cloudNoise(ray[0] * 4 + 10, ray[1] * 14, seed + 51) - 0.48) * 1.8;
    return atmosphere.weather === 'day' ? mix(sky, [244, 246, 248], Math.min(0.8, cloud)) : sky;
  }
  const hill: Colour = atmosphere.weather === 'night' ? [12, 12, 14] : [112, 128, 116];
  return mix(hill, atmosphere.skyHorizon, atmosphere.weather === 'rain' ? 0.7 : 0.4);
}
