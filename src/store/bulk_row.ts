import { hash } from 'node:crypto';
import type { ImagePlace } from '../data/image_place.js';
import type { Direction, Read } from '../data/read.js';

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
  'evidence_digest_high',
  'evidence_digest_low',
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
 * given later. Written by hand because this runs beside the alerts: numbers need no escaping, and texts that repeat are quoted once.
 */
export function bulkLine(read: Read, { position, image, listVersion }: RowContext): string {
  const others = read.alternatives.filter((a) => a.text !== read.plate).slice(0, alternativesMax);
  const pass = splitPassId(read.id);
  const digest = evidenceDigest(read);
  const latitude = position && Math.round(position.latitude * 1e6);
  const longitude = position && Math.round(position.longitude * 1e6);
  return (
    `["${clickhouseTime(read.capturedAtMs)}",${quoted(read.cameraId)},${latitude},${longitude},${JSON.stringify(read.plate)},` +
    `${quoted(read.state ?? '')},${percent(read.stateConfidence)},${Math.round(clamp01(read.confidence) * 10_000)},` +
    `${others.length === 0 ? '[],[]' : `${JSON.stringify(others.map((a) => a.text))},[${others.map((a) => percent(a.confidence))}]`},` +
    `${quoted(read.direction satisfies Direction)},${Math.max(0, Math.round(read.lastSeenAtMs - read.firstSeenAtMs))},${quoted(read.captureClock)},` +
    `${quoted(pass.run)},${pass.number},${image?.pack ?? 0},${image?.offset ?? 0},` +
    `${digest.high},${digest.low},${quoted(read.model)},${listVersion}]`
  );
}

const quotedTexts = new Map<string, string>();

/** As JSON; for texts of which there are few (cameras, states, models, runs). */
function quoted(text: string): string {
  const known = quotedTexts.get(text);
  if (known !== undefined) return known;
  if (quotedTexts.size >= 10_000) quotedTexts.clear();
  const fresh = JSON.stringify(text);
  quotedTexts.set(text, fresh);
  return fresh;
}

/** What {@link evidenceDigest} is taken over. */
export type Evidenced = Pick<Read, 'id' | 'cameraId' | 'plate' | 'capturedAtMs'> & {
  evidence: Pick<Read['evidence'], 'vehicleSha256' | 'plateSha256'>;
};

/**
 * Binds the row to its images: the first 96 bits of SHA-256 over what the read says and the digests of its two images, one a line.
 * Whoever has the row and the images can compute it again; to find other images with the same digest takes 2^96 tries. Random bits
 * do not compress, so each byte here is a byte a row.
 */
export function evidenceDigest(read: Evidenced): { readonly high: number; readonly low: bigint } {
  const { vehicleSha256, plateSha256 } = read.evidence;
  const text = `${read.id}\n${read.cameraId}\n${read.plate}\n${read.capturedAtMs}\n${vehicleSha256}\n${plateSha256}`;
  // As hex, which Node makes in one call; a buffer costs it an object with a finaliser, and twice the time.
  const digest = hash('sha256', text, 'hex');
  return { high: Number.parseInt(digest.slice(0, 8), 16), low: BigInt(`0x${digest.slice(8, 24)}`) };
}

const secondText = { second: Number.NaN, text: '' };

/** `YYYY-MM-DD hh:mm:ss.mmm` in UTC: the store refuses a fractional number for a time. */
export function clickhouseTime(atMs: number): string {
  const ms = Math.trunc(atMs);
  const second = Math.floor(ms / 1000);
  if (second !== secondText.second) {
    secondText.second = second;
    secondText.text = new Date(second * 1000).toISOString().slice(0, 19).replace('T', ' ');
  }
  return `${secondText.text}.${String(ms - second * 1000).padStart(3, '0')}`;
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
