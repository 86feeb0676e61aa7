import { limits } from '../limits.js';

/** @returns why pictures of this size are not decoded, or `null`. A size of 0 is not known yet. */
export function sizeRefused(width: number, height: number): string | null {
  const { frameSideMin, frameSideMax, framePixelsMax } = limits.ingest;
  if (width > 0 && height > 0 && Math.min(width, height) < frameSideMin)
    return `pictures of ${width}x${height} are too small`;
  if (Math.max(width, height) <= frameSideMax && width * height <= framePixelsMax) return null;
  return `pictures of ${width}x${height} are larger than the limit (${frameSideMax} pixels a side, ${framePixelsMax} in all)`;
}
