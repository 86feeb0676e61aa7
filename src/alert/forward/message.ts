import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Alert } from '../../data/alert.js';

export interface Place {
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** The fewest fields that serve another agency; never a picture [IV.A.7.b]. */
export function ownMessage({ id, createdAtMs, match, escalation }: Alert, place: Place) {
  const { read, entry, list, listAgeMs, stale, kind, matchedText, stateAgreement, chance } = match;
  return {
    type: 'alert',
    id,
    potential: true,
    notice: 'A potential hit: verify plate, state and status before any stop.',
    createdAtMs,
    capturedAtMs: read.capturedAtMs,
    camera: { id: read.cameraId, ...place },
    read: { plate: read.plate, state: read.state },
    match: { kind, plate: matchedText, stateAgreement, chance: Math.round(chance * 1000) / 1000 },
    entry: { id: entry.entryId, plate: entry.plate, state: entry.state, category: entry.category },
    list: { source: entry.source, version: list.version, ageMs: listAgeMs, stale },
    escalation: escalation ?? null,
  };
}

/** The same alert as receivers of OpenALPR's `alpr_alert` messages read it; confidences are percentages there. */
export function openAlprMessage({ id, createdAtMs, match }: Alert, place: Place) {
  const { read, entry } = match;
  const percent = (chance: number) => Math.round(chance * 1000) / 10;
  return {
    data_type: 'alpr_alert',
    version: 1,
    epoch_time: createdAtMs,
    agent_uid: 'platestream',
    alert_list: entry.category,
    alert_list_id: 0,
    list_type: 'alert',
    plate_number: match.matchedText,
    camera_name: read.cameraId,
    site_name: 'platestream',
    description: `POTENTIAL HIT, verify before any stop: ${entry.category}, state ${match.stateAgreement}${match.stale ? ', STALE list' : ''}`,
    group: {
      data_type: 'alpr_group',
      version: 2,
      epoch_start: read.firstSeenAtMs,
      epoch_end: read.lastSeenAtMs,
      best_uuid: id,
      best_plate_number: read.plate,
      best_confidence: percent(read.confidence),
      best_region: read.state === null ? '' : `us-${read.state.toLowerCase()}`,
      best_region_confidence: percent(read.stateConfidence),
      candidates: read.alternatives.map(({ text, confidence }) => ({
        plate: text,
        confidence: percent(confidence),
        matches_template: 0,
      })),
      camera_name: read.cameraId,
      gps_latitude: place.latitude,
      gps_longitude: place.longitude,
      is_preview: false,
    },
  };
}

/** `t=<unix seconds>,v1=<hex HMAC-SHA-256 of "t.body">`: what a receiver checks, with the time so that a recording grows old. */
export function signatureOf(body: string, secret: string, atMs: number): string {
  const seconds = Math.floor(atMs / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** What a receiver does, for those written in TypeScript and for tests. */
export function isSignatureRight(
  header: string,
  body: string,
  secret: string,
  nowMs: number,
  withinMs = 300_000,
): boolean {
  const seconds = Number(/^t=(\d{1,12}),v1=[0-9a-f]{64}$/.exec(header)?.[1] ?? Number.NaN);
  if (!(Math.abs(nowMs - seconds * 1000) <= withinMs)) return false;
  return timingSafeEqual(Buffer.from(header), Buffer.from(signatureOf(body, secret, seconds * 1000)));
}
