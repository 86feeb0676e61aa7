import type { FileHandle } from 'node:fs/promises';
import type { Read } from '../data/read.js';

/**
 * One record of a pack:
 *
 *     magic 'PSI1' | vehicle bytes u32 | plate bytes u32 | about bytes u32 | SHA-256 vehicle | SHA-256 plate | about (JSON) | vehicle | plate
 */

/** What of a read lies with its images. */
export type ImageSource = Pick<Read, 'id' | 'cameraId' | 'plate' | 'capturedAtMs' | 'frameCount' | 'box' | 'evidence'>;

export type ImageKind = 'vehicle' | 'plate';

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
interface EvidenceAbout {
  readonly readId: string;
  readonly cameraId: string;
  readonly plate: string;
  readonly capturedAtMs: number;
  readonly frameCount: number;
  readonly box: Read['box'];
}

const magic = Buffer.from('PSI1');
export const headBytes = 16 + 64;
const oneImageBytesMax = 16 << 20;

export function recordOf(read: ImageSource): Buffer {
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

/** A record, and where in its pack its two images begin. */
export interface Located extends ImageRecord {
  readonly vehicleAt: number;
  readonly plateAt: number;
}

/** @returns the record that begins at `offset`, null when none does. */
export async function locate(file: FileHandle, offset: number): Promise<Located | null> {
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

export async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, offset);
  return bytesRead === length ? buffer : null;
}
