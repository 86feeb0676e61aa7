import type { Atmosphere } from './atmosphere.js';
import { type CameraView, toPixel, type Vector } from './camera_view.js';
import { type Placement, placePoint } from './layer.js';
import { type Colour, mix, type Picture } from './picture.js';
import { type Random, roughGaussian, seededRandom } from './random.js';
import type { Vehicle } from './vehicle.js';

/** Darkens the road under a vehicle: full under its body, soft outside. */
export function castShadow(
  frame: Picture,
  view: CameraView,
  vehicle: Vehicle,
  place: Placement,
  atmosphere: Atmosphere,
): void {
  const reach = 0.9;
  const corners = [-1, 1].flatMap((side) =>
    [-reach, vehicle.length + reach].map((z) =>
      toPixel(view, placePoint(place, [side * (vehicle.width / 2 + reach), 0, z])),
    ),
  );
  const seen = corners.filter((corner) => corner !== null);
  if (seen.length === 0) return;
  const clipped = seen.length < corners.length;
  const left = clipped ? 0 : Math.max(0, Math.floor(Math.min(...seen.map((corner) => corner[0]))));
  const right = clipped ? frame.width : Math.min(frame.width, Math.ceil(Math.max(...seen.map((corner) => corner[0]))));
  const top = Math.max(0, Math.floor(Math.min(...seen.map((corner) => corner[1]))));
  const bottom = clipped
    ? frame.height
    : Math.min(frame.height, Math.ceil(Math.max(...seen.map((corner) => corner[1]))));
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      const light = 1 - atmosphere.shadow * 1.5 * underBody(view, vehicle, place, x + 0.5, y + 0.5);
      const at = (y * frame.width + x) * 3;
      for (let channel = 0; channel < 3; channel += 1)
        frame.rgb[at + channel] = frame.rgb[at + channel]! * Math.max(0.15, light);
    }
  }
}

/** 0 outside the vehicle's shadow to about 0.6 under it, for the road point that a pixel shows. */
function underBody(view: CameraView, vehicle: Vehicle, place: Placement, pixelX: number, pixelY: number): number {
  const viewX = (pixelX - view.width / 2) / view.focalPx;
  const viewY = (pixelY - view.height / 2) / view.focalPx;
  const fall = view.right[1] * viewX + view.down[1] * viewY + view.forward[1];
  if (fall > -0.001) return 0;
  const distance = -view.position[1] / fall;
  const x = view.position[0] + (view.right[0] * viewX + view.down[0] * viewY + view.forward[0]) * distance - place.x;
  const z = view.position[2] + (view.right[2] * viewX + view.down[2] * viewY + view.forward[2]) * distance - place.z;
  const cos = Math.cos(place.heading);
  const sin = Math.sin(place.heading);
  const across = Math.abs(x * cos - z * sin - 0.12);
  const along = x * sin + z * cos;
  const soft = (inside: number) => 1 / (1 + Math.exp(-inside / 0.13));
  return 0.62 * soft(vehicle.width / 2 - across) * soft(along + 0.1) * soft(vehicle.length + 0.1 - along);
}

/** Adds a glow: a bright core and a wide, weak halo; on a wet or dark road also a streak below it. */
function addGlow(
  frame: Picture,
  centre: readonly [number, number],
  radiusPx: number,
  colour: Colour,
  streak: number,
): void {
  const reach = radiusPx * 5;
  const bottom = Math.min(frame.height - 1, Math.ceil(centre[1] + reach * (1 + streak)));
  for (let y = Math.max(0, Math.floor(centre[1] - reach)); y <= bottom; y += 1) {
    for (
      let x = Math.max(0, Math.floor(centre[0] - reach));
      x <= Math.min(frame.width - 1, centre[0] + reach);
      x += 1
    ) {
      const dx = (x - centre[0]) / radiusPx;
      const dy = (y - centre[1]) / radiusPx;
      const square = dx * dx + dy * dy;
      const halo = Math.exp(-square) * 1.6 + 0.16 * Math.exp(-square / 7);
      const below = dy > 2 ? streak * 0.22 * Math.exp(-((dx / 0.9) ** 2)) * Math.exp(-dy / 6) : 0;
      const at = (y * frame.width + x) * 3;
      for (let channel = 0; channel < 3; channel += 1) frame.rgb[at + channel]! += colour[channel]! * (halo + below);
    }
  }
}

/** Headlights and tail lights that face the camera. */
export function addLights(
  frame: Picture,
  view: CameraView,
  vehicle: Vehicle,
  place: Placement,
  atmosphere: Atmosphere,
): void {
  if (atmosphere.weather === 'day') return;
  const strength = atmosphere.weather === 'night' ? 1 : 0.4;
  const facesUs = Math.cos(place.heading) > 0;
  const lights: readonly Vector[] = facesUs ? vehicle.headlights : vehicle.taillights;
  const colour: Colour = facesUs ? [235, 236, 240] : [120, 26, 26];
  for (const light of lights) {
    const world = placePoint(place, light);
    const pixel = toPixel(view, world);
    const distance = Math.hypot(world[0] - view.position[0], world[1] - view.position[1], world[2] - view.position[2]);
    if (!pixel || world[2] < 1) continue;
    const radius = Math.max(2.5, (view.focalPx * (facesUs ? 0.075 : 0.05)) / distance);
    addGlow(frame, pixel, radius, mix([0, 0, 0], colour, strength), atmosphere.weather === 'rain' ? 1 : 0.5);
  }
}

/** Falling drops: short, faint, slanted streaks. */
export function addRain(frame: Picture, random: Random): void {
  const count = Math.round(frame.width / 9);
  for (let drop = 0; drop < count; drop += 1) {
    const length = 8 + random() * 26;
    const x = random() * frame.width;
    const y = random() * frame.height;
    const lightness = 8 + random() * 20;
    for (let step = 0; step < length; step += 1)
      addGrey(frame, Math.round(x + step * 0.12), Math.round(y + step), lightness);
  }
}

function addGrey(frame: Picture, x: number, y: number, lightness: number): void {
  if (x < 0 || y < 0 || x >= frame.width || y >= frame.height) return;
  const at = (y * frame.width + x) * 3;
  for (let channel = 0; channel < 3; channel += 1) frame.rgb[at + channel]! += lightness;
}

const noiseLength = 1 << 18;

/** Sensor noise, prepared once; a frame takes it from a place of its own. */
export function noiseTable(seed: number): Float32Array {
  const random = seededRandom(seed);
  return Float32Array.from({ length: noiseLength }, () => roughGaussian(random));
}

/** The last step: infra-red pictures lose their colour, noise is added, and floats become bytes (RGBA). */
export function develop(
  frame: Picture,
  atmosphere: Atmosphere,
  noise: Float32Array,
  random: Random,
  out: Uint8ClampedArray,
): void {
  let at = Math.floor(random() * noiseLength);
  const grey = atmosphere.weather === 'night';
  for (let pixel = 0; pixel < frame.width * frame.height; pixel += 1) {
    at = (at + 1) & (noiseLength - 1);
    const grain = noise[at]! * atmosphere.noise;
    const [red, green, blue] = [frame.rgb[pixel * 3]!, frame.rgb[pixel * 3 + 1]!, frame.rgb[pixel * 3 + 2]!];
    const luma = 0.35 * red + 0.45 * green + 0.2 * blue;
    out[pixel * 4] = (grey ? luma * 0.99 : red) + grain;
    out[pixel * 4 + 1] = (grey ? luma : green) + grain;
    out[pixel * 4 + 2] = (grey ? luma * 1.03 : blue) + grain;
    out[pixel * 4 + 3] = 255;
  }
}
