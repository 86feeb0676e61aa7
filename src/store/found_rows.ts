import type { FoundCompany, FoundHour, FoundPlate, FoundRead } from '../data/found.js';
import { joinPassId } from './bulk_row.js';
import { dayOf } from './retention_days.js';

/** A row of `reads` as ClickHouse answers it; 64-bit numbers come as text. */
export interface ReadRow {
  readonly captured_at_ms: string | number;
  readonly camera: string;
  readonly latitude_e6: number | null;
  readonly longitude_e6: number | null;
  readonly plate: string;
  readonly state: string;
  readonly state_confidence_percent: number;
  readonly confidence_e4: number;
  readonly alternative_plates: readonly string[];
  readonly alternative_percents: readonly number[];
  readonly direction: string;
  readonly dwell_ms: number;
  readonly capture_clock: string;
  readonly pass_run: string;
  readonly pass_number: number;
  readonly image_pack: number;
  readonly image_offset: number;
  readonly evidence_digest: string;
  readonly model: string;
  readonly list_version: number;
}
export interface PlateRow {
  plate: string;
  first_seen_ms: string;
  last_seen_ms: string;
  reads: string;
  cameras: string;
  states: string[];
}

export interface HourRow {
  hour_ms: string;
  at_camera: string;
  reads: string;
  plates: string;
}

export interface CompanyRow {
  plate: string;
  cameras: string;
  reads: string;
  first_seen_ms: string;
  last_seen_ms: string;
}

/** A row as its columns are read. */
export function readOf(row: ReadRow): FoundRead {
  const capturedAtMs = Number(row.captured_at_ms);
  const placed = row.latitude_e6 !== null && row.longitude_e6 !== null;
  return {
    kind: 'read',
    readId: joinPassId(row.pass_run, row.pass_number),
    capturedAtMs,
    cameraId: row.camera,
    position: placed
      ? { latitude: (row.latitude_e6 as number) / 1e6, longitude: (row.longitude_e6 as number) / 1e6 }
      : null,
    plate: row.plate,
    state: row.state || null,
    stateConfidence: row.state_confidence_percent / 100,
    confidence: row.confidence_e4 / 10_000,
    alternatives: row.alternative_plates.map((text, i) => ({
      text,
      confidence: (row.alternative_percents[i] ?? 0) / 100,
    })),
    direction: row.direction,
    dwellMs: row.dwell_ms,
    captureClock: row.capture_clock,
    image: row.image_pack === 0 ? null : { day: dayOf(capturedAtMs), pack: row.image_pack, offset: row.image_offset },
    evidenceDigest: row.evidence_digest,
    model: row.model,
    listVersion: row.list_version,
  };
}

export function plateOf(row: PlateRow): FoundPlate {
  return {
    kind: 'plate',
    plate: row.plate,
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
    reads: Number(row.reads),
    cameras: Number(row.cameras),
    states: row.states.filter((s) => s !== '').sort(),
  };
}

export function hourOf(row: HourRow): FoundHour {
  return {
    kind: 'hour',
    hourMs: Number(row.hour_ms),
    cameraId: row.at_camera || null,
    reads: Number(row.reads),
    plates: Number(row.plates),
  };
}

export function companyOf(row: CompanyRow): FoundCompany {
  return {
    kind: 'company',
    plate: row.plate,
    cameras: Number(row.cameras),
    reads: Number(row.reads),
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
  };
}
