import { dot, normalise, type Vector } from './camera_view.js';
import type { Shader } from './layer.js';
import { type Colour, mix } from './picture.js';

/** Light and weather of a scene. */
export type Weather = 'day' | 'night' | 'rain';

export interface Atmosphere {
  readonly weather: Weather;
  /** Towards the sun. */
  readonly sun: Vector;
  readonly sunStrength: number;
  readonly ambient: Colour;
  readonly skyTop: Colour;
  readonly skyHorizon: Colour;
  /** Share of a surface's colour that is lost to haze each metre. */
  readonly hazePerM: number;
  /** How dark a vehicle's shadow on the road is, 0 to 1. */
  readonly shadow: number;
  readonly noise: number;
}

/** `ambient` and `sunStrength` are multipliers of a surface's colour, not colours. */
export const atmospheres: Readonly<Record<Weather, Atmosphere>> = {
  day: {
    weather: 'day',
    sun: normalise([-0.5, 0.8, -0.55]),
    sunStrength: 0.55,
    ambient: [0.58, 0.61, 0.66],
    skyTop: [112, 152, 205],
    skyHorizon: [206, 218, 228],
    hazePerM: 0.0035,
    shadow: 0.5,
    noise: 2.2,
  },
  rain: {
    weather: 'rain',
    sun: normalise([-0.2, 1, -0.3]),
    sunStrength: 0.12,
    ambient: [0.63, 0.65, 0.67],
    skyTop: [142, 149, 156],
    skyHorizon: [168, 173, 178],
    hazePerM: 0.011,
    shadow: 0.42,
    noise: 3,
  },
  night: {
    weather: 'night',
    sun: normalise([0.3, 1, -0.6]),
    sunStrength: 0.04,
    ambient: [0.2, 0.2, 0.21],
    skyTop: [6, 7, 10],
    skyHorizon: [18, 19, 24],
    hazePerM: 0.002,
    shadow: 0.3,
    noise: 3.2,
  },
};

/** The sky in a direction. */
export function skyColour(atmosphere: Atmosphere, direction: Vector): Colour {
  const height = Math.max(0, Math.min(1, direction[1] * 2.2));
  return mix(atmosphere.skyHorizon, atmosphere.skyTop, Math.sqrt(height));
}

/** Fades a colour with distance. */
export function haze(atmosphere: Atmosphere, colour: Colour, distanceM: number): Colour {
  return mix(colour, atmosphere.skyHorizon, 1 - Math.exp(-distanceM * atmosphere.hazePerM));
}

/** How much of the camera's own infra-red lamp (night only) reaches a point. */
export function lampReach(atmosphere: Atmosphere, distanceM: number): number {
  return atmosphere.weather === 'night' ? 1.05 / (1 + (distanceM / 13) ** 2) : 0;
}

/** Shades vehicles as seen from `eye`. */
export function vehicleShader(atmosphere: Atmosphere, eye: Vector): Shader {
  return (world, rawNormal, material) => {
    const offset: Vector = [eye[0] - world[0], eye[1] - world[1], eye[2] - world[2]];
    const distance = Math.hypot(...offset);
    const toEye = normalise(offset);
    const facing = dot(rawNormal, toEye);
    const normal: Vector = facing < 0 ? [-rawNormal[0], -rawNormal[1], -rawNormal[2]] : rawNormal;
    if (material.kind === 'light') return { lit: [1, 1, 1], shine: [0, 0, 0] };
    const direct = atmosphere.sunStrength * Math.max(0, dot(normal, atmosphere.sun));
    const fromSky = 0.62 + 0.38 * normal[1];
    const lamp = lampReach(atmosphere, distance) * Math.abs(facing) * (material.kind === 'plate' ? 0 : 1);
    const light = atmosphere.ambient.map((channel) => channel * fromSky + direct + lamp);
    const retro = material.kind === 'plate' ? plateGlow(atmosphere, distance, Math.abs(facing)) : 0;
    const fade = Math.exp(-distance * atmosphere.hazePerM);
    const gloss = 'gloss' in material ? material.gloss : material.kind === 'glass' ? 0.8 : 0.1;
    const shine = reflection(atmosphere, normal, toEye, Math.abs(facing), gloss);
    const lit = light.map((channel) => Math.max(channel, retro) * fade);
    return {
      lit: lit as unknown as Vector,
      shine: shine.map((value, at) => value * fade + atmosphere.skyHorizon[at]! * (1 - fade)) as unknown as Vector,
    };
  };
}

/** Plates send light back to where it came from: bright by day, far the brightest thing by night. */
function plateGlow(atmosphere: Atmosphere, distanceM: number, facing: number): number {
  if (atmosphere.weather === 'night') return Math.min(0.95, 1.25 / (1 + (distanceM / 16) ** 2)) * facing ** 0.3;
  return atmosphere.weather === 'day' ? 0.8 : 0.72;
}

function reflection(atmosphere: Atmosphere, normal: Vector, toEye: Vector, facing: number, gloss: number): Vector {
  const bounce = dot(normal, toEye) * 2;
  const mirrored: Vector = [
    normal[0] * bounce - toEye[0],
    normal[1] * bounce - toEye[1],
    normal[2] * bounce - toEye[2],
  ];
  const fresnel = 0.06 + 0.94 * (1 - Math.min(1, facing)) ** 4;
  const skySeen = Math.max(0, Math.min(1, mirrored[1] * 3 + 0.25));
  const sky = skyColour(atmosphere, mirrored);
  const glint = Math.max(0, dot(mirrored, atmosphere.sun)) ** 60 * 260 * atmosphere.sunStrength;
  return sky.map((channel) => gloss * (channel * fresnel * skySeen + glint)) as unknown as Vector;
}
