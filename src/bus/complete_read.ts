import { cameraId } from '../data/ids.js';
import type { Evidence, Read } from '../data/read.js';

const digest = /^[0-9a-f]{64}$/;

/**
 * A read is a camera, a moment, a text with its confidence, and the pictures that prove it; one that lacks any of them is kept out where
 * it enters control: never matched, never stored, counted [I.p1].
 * @returns the first thing that is missing, or `null`.
 */
export function missingOf(read: Partial<Read>): string | null {
  const evidence: Partial<Evidence> = read.evidence ?? {};
  const isShare = (value: unknown) => typeof value === 'number' && value >= 0 && value <= 1;
  const parts: Readonly<Record<string, boolean>> = {
    id: typeof read.id === 'string' && /^[A-Za-z0-9][A-Za-z0-9:._-]{0,95}$/.test(read.id),
    camera: typeof read.cameraId === 'string' && cameraId(read.cameraId) !== null,
    text: typeof read.plate === 'string' && /^[A-Z0-9]+$/.test(read.plate),
    confidence: isShare(read.confidence),
    alternatives: Array.isArray(read.alternatives) && read.alternatives[0]?.text === read.plate,
    capture_time: Number.isFinite(read.capturedAtMs) && (read.capturedAtMs ?? 0) > 0,
    vehicle_picture: isPicture(evidence.vehicle) && digest.test(evidence.vehicleSha256 ?? ''),
    plate_picture: isPicture(evidence.plate) && digest.test(evidence.plateSha256 ?? ''),
    model: typeof read.model === 'string' && /\w/.test(read.model),
  };
  return Object.keys(parts).find((name) => !parts[name]) ?? null;
}

function isPicture(bytes: unknown): boolean {
  return bytes instanceof Uint8Array && bytes.length > 0;
}
