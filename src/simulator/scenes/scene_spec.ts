import type { Weather } from './atmosphere.js';
import type { CameraPose } from './camera_view.js';
import type { Colour } from './picture.js';
import type { Street } from './street.js';
import type { CarShape } from './vehicle_shape.js';

/** One vehicle driving straight through the scene at a constant speed. Metres, seconds. */
export interface Drive {
  readonly vehicle: CarShape['kind'] | 'motorcycle';
  readonly paint: Colour;
  /** Id of a plate design and the printed text (`|` starts a second line). The plate is invented. */
  readonly design: string;
  readonly plate: string;
  /** `towards` shows the front plate, `away` the rear one, `across` drives from left to right past the camera. */
  readonly direction: 'towards' | 'away' | 'across';
  /** Sideways from the middle of the road; for `across`: the distance along the road where it passes. */
  readonly lane: number;
  readonly startS: number;
  readonly speedMps: number;
  /** Where its plate is at `startS`, along its way. */
  readonly startM: number;
  /** Turns the vehicle a little, as when changing lanes (degrees). */
  readonly turnDeg?: number;
}

/** A clip as numbers: the same numbers and seed give the same frames. */
export interface SceneSpec {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly frames: number;
  readonly crf: number;
  readonly weather: Weather;
  readonly camera: CameraPose;
  readonly street: Street;
  readonly drives: readonly Drive[];
}

/** Clip durations are whole numbers of frames and every clip begins and ends alike, so that it can loop. */
export const tooSmallToReadPx = 24;
