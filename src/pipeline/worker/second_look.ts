import { type Box, iou } from '../../data/box.js';
import type { Look } from '../../data/look.js';
import type { Detect, Found } from './detector.js';

/** Wider plates, in pixels of the detector's picture, are boxed well enough at first sight. */
const plateWidthMax = 100;
/** The plate is looked for in its surroundings, at a scale at which it would do when this share as wide. */
const surroundings = { width: 3, height: 4 };
const finerBy = 4;
/** What is found there is the same plate when it covers so much of both boxes. */
const sameAt = 0.25;

/**
 * For stills: small plates are looked at again at a finer scale, because a box one pixel off in a picture shrunk for the detector is many off
 * in the file. A plate that is not found again stays as it is; nothing is found anew.
 */
export function lookingTwice(detect: Detect): Detect {
  return async (slot, layout, look, motion) => {
    const found = await detect(slot, layout, look, motion);
    const { thumbScale } = layout;
    if (thumbScale >= 1) return found;
    const twice: Found[] = [];
    for (const one of found) {
      const isSmall = one.box.width * thumbScale < plateWidthMax;
      const again = isSmall ? await detect(slot, layout, around(one.box), []) : [];
      twice.push(closer(one, again));
    }
    return twice;
  };
}

function around({ x, y, width, height }: Box): Look {
  const [w, h] = [width * surroundings.width, height * surroundings.height];
  const box = { x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h };
  return { search: 'regions', regions: [{ box, plateWidth: width / finerBy }], settled: [] };
}

/** The score stays that of the first look: the thresholds were chosen on it. */
function closer(first: Found, again: readonly Found[]): Found {
  const shares = again.map(({ box }) => ({ box, share: iou(box, first.box) })).sort((a, b) => b.share - a.share);
  const best = shares[0];
  return best && best.share >= sameAt ? { box: best.box, score: first.score, firstBox: first.box } : first;
}
