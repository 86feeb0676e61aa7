import type { Box } from '../data/box.js';
import type { Frame } from '../data/frame.js';
import { type Look, lookEverywhere, type Region, type Settled } from '../data/look.js';
import { isSettled, isStill, type Pass, predictedBox } from './pass.js';
import { rules } from './rules.js';

/**
 * Decides where the next frame is searched: everywhere a few times a second, in between only where followed plates must be, and
 * nowhere when all there is to know of them is known. A parked vehicle is not followed; looking everywhere finds it again.
 */
export class Looking {
  #everywhereAtMs = Number.NEGATIVE_INFINITY;
  #skipped = false;

  next(frame: Frame, passes: readonly Pass[]): Look {
    const atMs = frame.capturedAtMs;
    const followed = passes.filter((pass) => isFollowed(pass, frame));
    const settled = passes.filter(isSettled).map((pass) => settledOf(pass, atMs));
    const sinceMs = atMs - this.#everywhereAtMs;
    // Time that went back (a camera's clock was set) must not stop the looking.
    const due = sinceMs < 0 || sinceMs >= rules.everywhereEveryMs;
    if (due || followed.length === 0 || followed.length > rules.regionsMax) {
      this.#everywhereAtMs = atMs;
      this.#skipped = false;
      return { ...lookEverywhere, settled };
    }
    this.#skipped = !this.#skipped && followed.every((pass) => isSettled(pass) && pass.misses === 0);
    if (this.#skipped) return { search: 'nowhere', regions: [], settled: [] };
    return { search: 'regions', regions: followed.map((pass) => regionOf(pass, atMs)), settled };
  }
}

/** @returns whether the look would have found the pass if it was there. */
export function wasLookedFor(pass: Pass, look: Look, frame: Frame): boolean {
  if (look.search === 'nowhere') return false;
  const box = predictedBox(pass, frame.capturedAtMs);
  const places = look.search === 'regions' ? look.regions.map((region) => region.box) : frame.motion;
  return (look.search === 'everywhere' && places.length === 0) || places.some((place) => meet(place, box));
}

function isFollowed(pass: Pass, frame: Frame): boolean {
  const { x, y, width, height } = predictedBox(pass, frame.capturedAtMs);
  const inSight = x + width > 0 && y + height > 0 && x < frame.width && y < frame.height;
  return inSight && pass.misses < 2 && !isStill(pass, frame.capturedAtMs);
}

/** The predicted box with room for what the prediction misses: more while the speed is not known. */
function regionOf(pass: Pass, atMs: number): Region {
  const room = pass.sightings < 2 ? 1.5 : 0.8 + 0.4 * pass.misses;
  return {
    box: around(predictedBox(pass, atMs), room * pass.box.width, room * pass.box.width),
    plateWidth: pass.box.width,
  };
}

function settledOf(pass: Pass, atMs: number): Settled {
  const box = around(predictedBox(pass, atMs), 0.5 * pass.box.width, pass.box.height);
  return { box, readAboveWidth: pass.widestReadWidth * rules.readAgainWider };
}

function around({ x, y, width, height }: Box, across: number, down: number): Box {
  return { x: x - across, y: y - down, width: width + 2 * across, height: height + 2 * down };
}

function meet(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
