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
  /** `towards` shows the front plate, `away` the rear one. */
  readonly direction: 'towards' | 'away';
  /** Sideways from the middle of the road, right is positive. */
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

/** Truth leaves a plate out while it is narrower than this: nobody can read it. */
export const tooSmallToReadPx = 24;
