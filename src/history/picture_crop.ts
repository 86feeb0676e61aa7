import sharp from 'sharp';
import { z } from 'zod';
import { limits } from '../limits.js';

const share = z.number().min(0).max(1);

/** A part of a picture, in fractions of its sides. */
export const cropInput = z
  .strictObject({ x: share, y: share, width: share, height: share })
  .refine(
    ({ x, y, width, height }) => width > 0 && height > 0 && x + width <= 1 && y + height <= 1,
    'lies outside the picture',
  );
type Crop = z.infer<typeof cropInput>;

/** @returns the part as JPEG; of the decoded picture, so nothing outside it is in the bytes. */
export async function croppedJpeg(jpeg: Uint8Array, crop: Crop): Promise<Uint8Array> {
  const image = sharp(jpeg, { limitInputPixels: limits.ingest.framePixelsMax, sequentialRead: true });
  const { width = 1, height = 1 } = await image.metadata();
  const left = Math.min(width - 1, Math.floor(crop.x * width));
  const top = Math.min(height - 1, Math.floor(crop.y * height));
  const region = {
    left,
    top,
    width: Math.max(1, Math.min(width - left, Math.round(crop.width * width))),
    height: Math.max(1, Math.min(height - top, Math.round(crop.height * height))),
  };
  return new Uint8Array(await image.extract(region).jpeg({ quality: 92 }).toBuffer());
}
