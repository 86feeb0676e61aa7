import type { Alert, Verification } from '../data/alert.js';
import type { GovernanceState, Hit } from '../policy/state.js';
import { hitView, isBlind, withoutPlate } from './hit_view.js';

/** Other alerts of the same entry, so that a screen can say "third time today". */
export interface Sightings {
  readonly count: number;
  readonly cameras: readonly string[];
  readonly lastAtMs: number | null;
}

function verificationOf(hit: Hit | null): Verification {
  if (hit === null) return 'unverified';
  if (hit.verified !== null && hit.closed?.disposition !== 'not_active') return 'verified';
  if (hit.closed !== null) return 'dismissed';
  return hit.deferral === null ? 'unverified' : 'deferred';
}

/** What an operator's screen gets: no image bytes, and no plate before a person has compared it [III.A, III.E, IV.A.8.a(1)]. */
export function alertView(
  alert: Alert,
  hit: Hit | null,
  state: Readonly<GovernanceState>,
  nowMs: number,
  seen: Sightings,
) {
  const { read, entry, list, kind, chance, stateAgreement, listAgeMs, stale } = alert.match;
  const { source, vehicle, reason, originatingAgency, entryId, category } = entry;
  const blind = isBlind(hit);
  const { cameraId } = read;
  const camera = state.cameras.get(cameraId);
  return {
    id: alert.id,
    sequence: alert.sequence,
    createdAtMs: alert.createdAtMs,
    potential: alert.potential,
    verification: verificationOf(hit),
    dataClass: 'alert' as const,
    canary: alert.canary,
    sound: true,
    hitId: hit?.hitId ?? null,
    hit: hit && hitView(hit, nowMs),
    category,
    kind,
    chance,
    stateAgreement,
    descriptionConflict: hit?.descriptionConflict ?? false,
    list: { source, version: list.version, compiledAtMs: list.compiledAtMs, ageMs: listAgeMs, stale },
    wanted: {
      plate: blind ? null : entry.plate,
      state: blind ? null : entry.state,
      vehicle,
      reason: blind && reason !== null ? withoutPlate(reason, entry.plate) : reason,
      originatingAgency,
      // A source may name its entries after their plates.
      entryId: blind ? null : entryId,
    },
    read: {
      id: read.id,
      plate: blind ? null : read.plate,
      state: blind ? null : read.state,
      confidence: read.confidence,
      capturedAtMs: read.capturedAtMs,
      captureClock: read.captureClock,
      firstSeenAtMs: read.firstSeenAtMs,
      lastSeenAtMs: read.lastSeenAtMs,
      direction: read.direction,
      cameraId,
      frameCount: read.frameCount,
    },
    camera: { cameraId, latitude: camera?.latitude ?? null, longitude: camera?.longitude ?? null },
    images: {
      vehicle: `/api/alerts/${alert.id}/images/vehicle`,
      plate: `/api/alerts/${alert.id}/images/plate`,
      vehicleSha256: read.evidence.vehicleSha256,
      plateSha256: read.evidence.plateSha256,
    },
    escalation: alert.escalation ?? null,
    sightings: seen,
  };
}
