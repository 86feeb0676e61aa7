import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImagePlace } from '../data/image_place.js';
import { fail, ok, type Result } from '../data/result.js';
import { headBytes, type ImageFault, type ImageKind, type ImageRecord, locate, readExactly } from './image_record.js';
import { dayFolders, packNumbers, packPath } from './pack_folder.js';

async function withPack<Value>(
  folder: string,
  place: ImagePlace,
  use: (file: FileHandle) => Promise<Result<Value, ImageFault>>,
): Promise<Result<Value, ImageFault>> {
  if (
    !/^\d{4}-\d\d-\d\d$/.test(place.day) ||
    !Number.isSafeInteger(place.pack) ||
    !Number.isSafeInteger(place.offset)
  ) {
    return fail('NOT_FOUND');
  }
  let file: FileHandle;
  try {
    file = await open(packPath(folder, place.day, place.pack), 'r');
  } catch {
    return fail('NOT_FOUND');
  }
  return use(file).finally(() => file.close());
}

export function describeRecord(folder: string, place: ImagePlace): Promise<Result<ImageRecord, ImageFault>> {
  return withPack(folder, place, async (file) => {
    const found = await locate(file, place.offset);
    return found ? ok(found) : fail('DAMAGED');
  });
}

/** The digest is checked on every read: a changed byte is DAMAGED, never shown. */
export function loadImage(
  folder: string,
  place: ImagePlace,
  which: ImageKind,
): Promise<Result<Uint8Array, ImageFault>> {
  return withPack(folder, place, async (file) => {
    const found = await locate(file, place.offset);
    if (!found) return fail('DAMAGED');
    const vehicle = which === 'vehicle';
    const image = await readExactly(
      file,
      vehicle ? found.vehicleAt : found.plateAt,
      vehicle ? found.vehicleBytes : found.plateBytes,
    );
    if (!image) return fail('DAMAGED');
    const digest = createHash('sha256').update(image).digest('hex');
    return digest === (vehicle ? found.vehicleSha256 : found.plateSha256) ? ok(new Uint8Array(image)) : fail('DAMAGED');
  });
}

/** Every whole record of a pack, from its start to the first that is not whole. */
export async function walkPack(path: string): Promise<{ offset: number; readId: string }[]> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const found: { offset: number; readId: string }[] = [];
    for (let at = 0; at + headBytes <= size; ) {
      const record = await locate(file, at);
      const end = record === null ? Number.POSITIVE_INFINITY : record.plateAt + record.plateBytes;
      if (record === null || end > size) break;
      found.push({ offset: at, readId: record.about.readId });
      at = end;
    }
    return found;
  } finally {
    await file.close();
  }
}

/** Where the images of each read lie, by its id; found by walking every pack. */
export async function indexOfPacks(folder: string): Promise<Map<string, ImagePlace>> {
  const places = new Map<string, ImagePlace>();
  for (const day of dayFolders(folder)) {
    for (const pack of packNumbers(join(folder, day))) {
      for (const { offset, readId } of await walkPack(packPath(folder, day, pack)))
        places.set(readId, { day, pack, offset });
    }
  }
  return places;
}
