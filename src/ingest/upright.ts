import type { Box } from '../data/box.js';

/**
 * Where a box of the upright picture lies in the picture as stored. EXIF 2.32, tag 274: 1 upright, 2-4 mirrored or upside down,
 * 5-8 with rows and columns exchanged.
 * @param width of the picture as stored, pixels
 */
export function toStored(box: Box, orientation: number, width: number, height: number): Box {
  const turned = orientation >= 5;
  const { x, y, width: across, height: down } = turned ? exchanged(box) : box;
  const fromRight = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8;
  const fromBelow = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7;
  return {
    x: fromRight ? width - x - across : x,
    y: fromBelow ? height - y - down : y,
    width: across,
    height: down,
  };
}

const exchanged = ({ x, y, width, height }: Box): Box => ({ x: y, y: x, width: height, height: width });
