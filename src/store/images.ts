import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ImagePlace } from '../data/image_place.js';
import type { Result } from '../data/result.js';
import { AppendFile } from '../files/append_file.js';
import { realDisk } from '../files/disk.js';
import { type ImageFault, type ImageKind, type ImageRecord, type ImageSource, recordOf } from './image_record.js';
import { dayFolders, folderBytes, packNumbers, packPath } from './pack_folder.js';
import { describeRecord, loadImage } from './pack_reading.js';
import { dayOf } from './retention_days.js';

/**
 * Evidence on disk: `<day>/<pack>.pack`, append-only, deleted as a whole with its day.
 * The place of a record stands in its row; walking a pack from its start finds every record again, so there is no index to lose.
 */
export interface ImagePacks {
  /** Not durable until `sync` of its place. Null when the cap is reached: the images are not kept, and counted. */
  append(read: ImageSource): Promise<ImagePlace | null>;
  /** @throws when these images are not on the disk; they are to be appended again. */
  sync(places: readonly ImagePlace[]): Promise<void>;
  load(place: ImagePlace, which: ImageKind): Promise<Result<Uint8Array, ImageFault>>;
  describe(place: ImagePlace): Promise<Result<ImageRecord, ImageFault>>;
  /** Days that have packs, oldest first. */
  days(): string[];
  dropDay(day: string): Promise<{ readonly bytes: number }>;
  close(): Promise<void>;
  readonly bytes: number;
  readonly refused: number;
}

const nameOf = (day: string, pack: number) => `${day}/${pack}`;

interface Pack {
  readonly day: string;
  readonly number: number;
  readonly file: AppendFile;
  dirty: boolean;
}

export function openImagePacks(folder: string, caps: { bytesMax: number; packBytesMax: number }): ImagePacks {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const packs = new Map<string, Pack>();
  const recent = new Map<string, ImagePlace>();
  /** Packs of which nobody knows what is on the disk, since a sync failed. */
  const abandoned = new Set<string>();
  let bytes = 0;
  for (const day of dayFolders(folder)) bytes += folderBytes(join(folder, day));
  let refused = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let syncing: Promise<unknown> = Promise.resolve();

  /** A pack is never continued by a later process: a torn end stays where nothing points. */
  async function packFor(day: string): Promise<Pack> {
    const current = packs.get(day);
    if (current && current.file.bytes < caps.packBytesMax) return current;
    if (current) await syncPack(current);
    await current?.file.close();
    packs.delete(day);
    const dayFolder = join(folder, day);
    mkdirSync(dayFolder, { recursive: true, mode: 0o700 });
    const number = Math.max(0, ...packNumbers(dayFolder)) + 1;
    const file = await AppendFile.open(packPath(folder, day, number), 0);
    await realDisk.syncFolder(dayFolder);
    await realDisk.syncFolder(folder);
    const pack = { day, number, file, dirty: false };
    packs.set(day, pack);
    return pack;
  }

  async function write(read: ImageSource): Promise<ImagePlace | null> {
    const key = `${read.id} ${read.evidence.vehicleSha256} ${read.evidence.plateSha256}`;
    const known = recent.get(key);
    if (known) return known;
    const record = recordOf(read);
    if (bytes + record.length > caps.bytesMax) {
      refused += 1;
      return null;
    }
    const pack = await packFor(dayOf(read.capturedAtMs));
    const place = { day: pack.day, pack: pack.number, offset: await pack.file.write(record) };
    pack.dirty = true;
    bytes += record.length;
    recent.set(key, place);
    if (recent.size > 10_000) recent.delete(recent.keys().next().value as string);
    return place;
  }

  async function syncDirty(): Promise<void> {
    await writing;
    for (const pack of packs.values()) {
      if (pack.dirty) await syncPack(pack);
    }
  }

  async function syncPack(pack: Pack): Promise<void> {
    pack.dirty = false;
    try {
      await pack.file.sync();
    } catch (error) {
      abandon(pack);
      throw error;
    }
  }

  /** After a failed sync nobody knows what is on the disk, and another sync would not tell: its images go to another pack. */
  function abandon(pack: Pack): void {
    packs.delete(pack.day);
    abandoned.add(nameOf(pack.day, pack.number));
    for (const [key, place] of recent) if (place.day === pack.day && place.pack === pack.number) recent.delete(key);
    pack.file.close().catch(() => undefined);
  }

  return {
    append(read) {
      const next = writing.then(() => write(read));
      writing = next.catch(() => undefined);
      return next;
    },
    sync(places) {
      // One after the other: whoever finds nothing to sync has waited for the sync that took its bytes along, or failed to.
      const next = syncing.then(syncDirty).then(() => {
        if (places.some(({ day, pack }) => abandoned.has(nameOf(day, pack))))
          throw new Error('the sync of these images failed with that of others');
      });
      syncing = next.catch(() => undefined);
      return next;
    },
    load: (place, which) => loadImage(folder, place, which),
    describe: (place) => describeRecord(folder, place),
    days: () => dayFolders(folder),
    async dropDay(day) {
      await packs.get(day)?.file.close();
      packs.delete(day);
      for (const [key, place] of recent) if (place.day === day) recent.delete(key);
      const dropped = folderBytes(join(folder, day));
      rmSync(join(folder, day), { recursive: true, force: true });
      await realDisk.syncFolder(folder);
      bytes -= dropped;
      return { bytes: dropped };
    },
    async close() {
      await writing;
      for (const pack of packs.values()) await pack.file.close();
      packs.clear();
    },
    get bytes() {
      return bytes;
    },
    get refused() {
      return refused;
    },
  };
}
