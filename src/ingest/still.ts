import sharp from 'sharp';
import type { Box } from '../data/box.js';
import { fail, ok, type Result } from '../data/result.js';
import { type SlotLayout, slotLayout } from '../data/slot_layout.js';
import { limits } from '../limits.js';
import { sizeRefused } from './picture_size.js';
import { fillSlot } from './rgb_slot.js';
import { toStored } from './upright.js';

sharp.concurrency(1);
sharp.cache(false);
// Nothing but these three is parsed, whatever a file claims to be.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({ operation: ['VipsForeignLoadJpeg', 'VipsForeignLoadPng', 'VipsForeignLoadWebp'] });

/** A picture file in the same form as a camera's frame: one slot (see `slot_layout.ts`), turned upright. */
export interface Still {
  /** Size as stored in the file, before its EXIF orientation is applied. */
  readonly width: number;
  readonly height: number;
  readonly slot: Uint8Array;
  readonly layout: SlotLayout;
  /** A box of the upright picture, in pixels as stored in the file. */
  toStored(box: Box): Box;
}

/**
 * Decodes a JPEG, PNG or WebP file.
 * @param fit the detector's input, pixels
 * @returns one line that says what is wrong, without the file's name
 */
export async function decodeStill(
  file: string,
  fit: { width: number; height: number },
): Promise<Result<Still, string>> {
  try {
    const { width, height, orientation = 1 } = await sharp(file, { limitInputPixels: false }).metadata();
    const refused = sizeRefused(width, height);
    if (refused) return fail(refused);
    const { data, info } = await sharp(file, { limitInputPixels: limits.ingest.framePixelsMax, failOn: 'error' })
      .autoOrient()
      .flatten({ background: '#808080' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const layout = slotLayout(info.width & ~1, info.height & ~1, fit);
    const slot = new Uint8Array(layout.bytes);
    fillSlot(data, info.width, info.channels, slot, layout);
    return ok({ width, height, slot, layout, toStored: (box) => toStored(box, orientation, width, height) });
  } catch (error) {
    return fail(whyUndecoded(error as Error));
  }
}

function whyUndecoded({ message }: Error): string {
  const first = message.split('\n')[0]?.trim() ?? '';
  if (/missing/i.test(first)) return 'no such file';
  return /unsupported|Input file/i.test(first) ? 'not a JPEG, PNG or WebP picture' : `a damaged picture (${first})`;
}
