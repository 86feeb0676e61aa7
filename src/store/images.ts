import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Read } from '../data/read.js';
import { fail, ok, type Result } from '../data/result.js';
import { syncFolder } from './read_spool.js';
import { dayOf } from './retention_days.js';

/**
 * Evidence on disk: `<day>/<pack>.pack`, append-only, deleted as a whole with its day. One record:
 *
 *     magic 'PSI1' | vehicle bytes u32 | plate bytes u32 | about bytes u32 | SHA-256 vehicle | SHA-256 plate | about (JSON) | vehicle | plate
 *
 * The place of a record stands in its row; walking a pack from its start finds every record again, so there is no index to lose.
 */
export interface ImagePacks {
  /** Not durable until `sync`. Null when the cap is reached: the images are not kept, and counted. */
  append(read: Read): Promise<ImagePlace | null>;
  sync(): Promise<void>;
  load(place: ImagePlace, which: ImageKind): Promise<Result<Uint8Array, ImageFault>>;
  describe(place: ImagePlace): Promise<Result<ImageRecord, ImageFault>>;
  /** Days that have packs, oldest first. */
  days(): string[];
  dropDay(day: string): Promise<{ readonly bytes: number }>;
  close(): Promise<void>;
  readonly bytes: number;
  readonly refused: number;
}

export type ImageKind = 'vehicle' | 'plate';

/** Where a read's images lie. `day` is the UTC day of capture. */
export interface ImagePlace {
  readonly day: string;
  readonly pack: number;
  readonly offset: number;
}

export type ImageFault = 'NOT_FOUND' | 'DAMAGED';

/** What a pack says of one record. */
export interface ImageRecord {
  readonly about: EvidenceAbout;
  readonly vehicleSha256: string;
  readonly plateSha256: string;
  readonly vehicleBytes: number;
  readonly plateBytes: number;
}

/** Facts of the read that belong to its images, not to the bulk table. */
export interface EvidenceAbout {
  readonly readId: string;
  readonly cameraId: string;
  readonly plate: string;
  readonly capturedAtMs: number;
  readonly frameCount: number;
  readonly box: Read['box'];
}

const magic = Buffer.from('PSI1');
const headBytes = 16 + 64;
const oneImageBytesMax = 16 << 20;

interface Pack {
  readonly day: string;
  readonly number: number;
  readonly file: FileHandle;
  bytes: number;
  dirty: boolean;
}

export function openImagePacks(folder: string, caps: { bytesMax: number; packBytesMax: number }): ImagePacks {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const packs = new Map<string, Pack>();
  const recent = new Map<string, ImagePlace>();
  let bytes = 0;
  for (const day of dayFolders(folder)) bytes += folderBytes(join(folder, day));
  let refused = 0;
  let writing: Promise<unknown> = Promise.resolve();

  /** A pack is never continued by a later process: a torn end stays where nothing points. */
  async function packFor(day: string): Promise<Pack> {
    const current = packs.get(day);
    if (current && current.bytes < caps.packBytesMax) return current;
    await current?.file.datasync();
    await current?.file.close();
    packs.delete(day);
    const dayFolder = join(folder, day);
    mkdirSync(dayFolder, { recursive: true, mode: 0o700 });
    const number = Math.max(0, ...packNumbers(dayFolder)) + 1;
    const file = await open(packPath(folder, day, number), 'wx+', 0o600);
    await syncFolder(dayFolder);
    await syncFolder(folder);
    const pack = { day, number, file, bytes: 0, dirty: false };
    packs.set(day, pack);
    return pack;
  }

  async function write(read: Read): Promise<ImagePlace | null> {
    const key = `${read.id} ${read.evidence.vehicleSha256} ${read.evidence.plateSha256}`;
    const known = recent.get(key);
    if (known) return known;
    const record = recordOf(read);
    if (bytes + record.length > caps.bytesMax) {
      refused += 1;
      return null;
    }
    const pack = await packFor(dayOf(read.capturedAtMs));
    const place = { day: pack.day, pack: pack.number, offset: pack.bytes };
    await pack.file.write(record, 0, record.length, pack.bytes);
    pack.bytes += record.length;
    pack.dirty = true;
    bytes += record.length;
    recent.set(key, place);
    if (recent.size > 10_000) recent.delete(recent.keys().next().value as string);
    return place;
  }

  return {
    append(read) {
      const next = writing.then(() => write(read));
      writing = next.catch(() => undefined);
      return next;
    },
    async sync() {
      await writing;
      for (const pack of packs.values()) {
        if (!pack.dirty) continue;
        pack.dirty = false;
        await pack.file.datasync();
      }
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
      await syncFolder(folder);
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

function recordOf(read: Read): Buffer {
  const about = Buffer.from(
    JSON.stringify({
      readId: read.id,
      cameraId: read.cameraId,
      plate: read.plate,
      capturedAtMs: read.capturedAtMs,
      frameCount: read.frameCount,
      box: read.box,
    } satisfies EvidenceAbout),
  );
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head.writeUInt32LE(read.evidence.vehicle.length, 4);
  head.writeUInt32LE(read.evidence.plate.length, 8);
  head.writeUInt32LE(about.length, 12);
  Buffer.from(read.evidence.vehicleSha256, 'hex').copy(head, 16);
  Buffer.from(read.evidence.plateSha256, 'hex').copy(head, 48);
  return Buffer.concat([head, about, read.evidence.vehicle, read.evidence.plate]);
}

interface Located extends ImageRecord {
  readonly vehicleAt: number;
  readonly plateAt: number;
}

async function locate(file: FileHandle, offset: number): Promise<Located | null> {
  const head = await readExactly(file, offset, headBytes);
  if (!head?.subarray(0, 4).equals(magic)) return null;
  const [vehicleBytes, plateBytes, aboutBytes] = [4, 8, 12].map((at) => head.readUInt32LE(at)) as [
    number,
    number,
    number,
  ];
  if (Math.max(vehicleBytes, plateBytes, aboutBytes) > oneImageBytesMax) return null;
  const about = await readExactly(file, offset + headBytes, aboutBytes);
  if (!about) return null;
  const vehicleAt = offset + headBytes + aboutBytes;
  try {
    return {
      about: JSON.parse(about.toString()) as EvidenceAbout,
      vehicleSha256: head.toString('hex', 16, 48),
      plateSha256: head.toString('hex', 48, 80),
      vehicleBytes,
      plateBytes,
      vehicleAt,
      plateAt: vehicleAt + vehicleBytes,
    };
  } catch {
    return null;
  }
}

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

function describeRecord(folder: string, place: ImagePlace): Promise<Result<ImageRecord, ImageFault>> {
  return withPack(folder, place, async (file) => {
    const found = await locate(file, place.offset);
    return found ? ok(found) : fail('DAMAGED');
  });
}

/** The digest is checked on every read: a changed byte is DAMAGED, never shown. */
function loadImage(folder: string, place: ImagePlace, which: ImageKind): Promise<Result<Uint8Array, ImageFault>> {
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

async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return bytesRead === length ? buffer : null;
}

/** Every whole record of a pack, from its start to the first that is not whole. */
export async function walkPack(path: string): Promise<{ offset: number; readId: string }[]> {
  const content = await readFile(path);
  const found: { offset: number; readId: string }[] = [];
  for (let at = 0; at + headBytes <= content.length && content.subarray(at, at + 4).equals(magic); ) {
    const [vehicle, plate, about] = [4, 8, 12].map((k) => content.readUInt32LE(at + k)) as [number, number, number];
    const end = at + headBytes + vehicle + plate + about;
    if (end > content.length) break;
    const facts = JSON.parse(content.toString('utf8', at + headBytes, at + headBytes + about)) as EvidenceAbout;
    found.push({ offset: at, readId: facts.readId });
    at = end;
  }
  return found;
}

function packPath(folder: string, day: string, number: number): string {
  return join(folder, day, `${String(number).padStart(6, '0')}.pack`);
}

function dayFolders(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
    .sort();
}

function packNumbers(dayFolder: string): number[] {
  return readdirSync(dayFolder).map((name) => Number.parseInt(name, 10) || 0);
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}
