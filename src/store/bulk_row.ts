import { createHash } from 'node:crypto';
import type { Direction, Read } from '../data/read.js';
import type { ImagePlace } from './images.js';

/** Columns of `reads`, in the order of a spooled line. */
export const columns = [
  'captured_at',
  'camera',
  'latitude_e6',
  'longitude_e6',
  'plate',
  'state',
  'state_confidence_percent',
  'confidence_e4',
  'alternative_plates',
  'alternative_percents',
  'direction',
  'dwell_ms',
  'capture_clock',
  'pass_run',
  'pass_number',
  'image_pack',
  'image_offset',
  'evidence_digest',
  'model',
  'list_version',
] as const;

export interface GpsPosition {
  readonly latitude: number;
  readonly longitude: number;
}

export interface RowContext {
  /** From the camera registry, never from the stream [III.I, III.K]; null: the camera's place is not registered. */
  readonly position: GpsPosition | null;
  /** Null: the images were not kept (their store was full). */
  readonly image: ImagePlace | null;
  readonly listVersion: number;
}

const alternativesMax = 4;

/**
 * One read as a line of JSONCompactEachRow (without the newline): what is made durable in the spool is byte for byte what the store is
 * given later.
 */
export function bulkLine(read: Read, { position, image, listVersion }: RowContext): string {
  const others = read.alternatives.filter((a) => a.text !== read.plate).slice(0, alternativesMax);
  const pass = splitPassId(read.id);
  return JSON.stringify([
    clickhouseTime(read.capturedAtMs),
    read.cameraId,
    position && Math.round(position.latitude * 1e6),
    position && Math.round(position.longitude * 1e6),
    read.plate,
    read.state ?? '',
    percent(read.stateConfidence),
    Math.round(clamp01(read.confidence) * 10_000),
    others.map((a) => a.text),
    others.map((a) => percent(a.confidence)),
    read.direction satisfies Direction,
    Math.max(0, Math.round(read.lastSeenAtMs - read.firstSeenAtMs)),
    read.captureClock,
    pass.run,
    pass.number,
    image?.pack ?? 0,
    image?.offset ?? 0,
    evidenceDigest(read).toString(),
    read.model,
    listVersion,
  ]);
}

/**
 * Binds the row to its images: the first 128 bits of SHA-256 over what the read says and the digests of its two images. Whoever has the
 * row and the images can compute it again.
 */
export function evidenceDigest(
  read: Pick<Read, 'id' | 'cameraId' | 'plate' | 'capturedAtMs'> & {
    evidence: Pick<Read['evidence'], 'vehicleSha256' | 'plateSha256'>;
  },
): bigint {
  const text = [
    read.id,
    read.cameraId,
    read.plate,
    read.capturedAtMs,
    read.evidence.vehicleSha256,
    read.evidence.plateSha256,
  ];
  return BigInt(`0x${createHash('sha256').update(text.join('\n')).digest('hex').slice(0, 32)}`);
}

/** `YYYY-MM-DD hh:mm:ss.mmm` in UTC: the store refuses a fractional number for a time. */
export function clickhouseTime(atMs: number): string {
  return new Date(atMs).toISOString().replace('T', ' ').slice(0, 23);
}

const noNumber = 0xffff_ffff;

/** `<run>-<number>` in two columns: the run repeats, the number counts, and both compress to almost nothing. */
export function splitPassId(id: string): { run: string; number: number } {
  const found = /^(.*)-(0|[1-9]\d{0,8})$/s.exec(id);
  return found ? { run: found[1] as string, number: Number(found[2]) } : { run: id, number: noNumber };
}

export function joinPassId(run: string, number: number): string {
  return number === noNumber ? run : `${run}-${number}`;
}

function percent(probability: number): number {
  return Math.round(clamp01(probability) * 100);
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
