import type { SeenPlate } from '../api/camera_view.js';
import type { CameraStatus } from '../bus/message.js';
import type { CameraId } from '../data/ids.js';
import type { Read } from '../data/read.js';
import type { Clock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { Governance } from '../policy/governance.js';
import { systemPrincipal } from '../policy/principal.js';
import type { CameraBaseline } from '../policy/state.js';
import { plateLook } from './plate_look.js';
import { StreamWatch } from './stream_watch.js';

/** What a read tells of the camera that took it. */
interface Sign {
  readonly tiltDegrees: number | null;
  readonly sharpness: number | null;
  readonly plateHeightPx: number;
  readonly confidence: number;
}

/** What a camera showed since its last passed check. */
interface Watched {
  readonly checkedAtMs: number | null;
  /** The newest reads: until there is a baseline, what it will be made of; then what is held against it. */
  recent: Sign[];
  /** Reads in a row that lean too far, by id: early and final reports of one pass count once. */
  readonly leaning: Set<string>;
}

const platesRemembered = 12;
const watcher = systemPrincipal('camera-health');

/**
 * Takes a camera out of service by itself [IV.B.2.a(3)]. Each read is measured before it is matched: how far its plate leans, how tall and
 * how sharp it is, how sure the reader was. The first reads after a passed check become the camera's own baseline, which is a record of the
 * ledger and so outlives a restart; before there is one, a plate is expected upright. A read that leans too far is kept out at once, and
 * several in a row take the camera out; so does a lasting change of the other signs, or of its stream (`stream_watch.ts`). A later repair
 * and passed check begin a new baseline.
 */
export class CameraHealth {
  readonly #governance: Governance;
  readonly #log: Log;
  readonly #streams: StreamWatch;
  readonly #records = new Map<CameraId, Watched>();
  readonly #seen = new Map<string, readonly SeenPlate[]>();
  readonly #leaving = new Map<CameraId, Promise<void>>();

  constructor(governance: Governance, clock: Clock, log: Log) {
    this.#governance = governance;
    this.#log = log;
    this.#streams = new StreamWatch(governance.policy.numbers, clock);
  }

  /** @param final whether the read goes into the baseline. @returns why it must not be used, or `null`; a camera that has to go is out by then. */
  async observe(read: Read, final: boolean): Promise<{ readonly code: string } | null> {
    const { cameraId } = read;
    const record = this.#recordOf(cameraId);
    // A picture that can not be decoded says nothing of the mount.
    const look = await plateLook(read.evidence.plate).catch(() => null);
    const sign = {
      tiltDegrees: look?.tiltDegrees ?? null,
      sharpness: look?.sharpness ?? null,
      plateHeightPx: read.box.height,
      confidence: read.confidence,
    };
    if (final) this.#saw(read, sign.tiltDegrees);
    const leansBy = this.#leansBy(cameraId, sign);
    if (leansBy > this.#governance.policy.numbers.cameraTiltDegreesMax) {
      record.leaning.add(read.id);
      if (record.leaning.size >= this.#governance.policy.numbers.cameraLeaningReads)
        await this.#takeOut(cameraId, `plates lean by ${Math.round(leansBy)} degrees: its mount has moved`);
      return { code: 'CAMERA_SUSPECT' };
    }
    record.leaning.clear();
    return final ? this.#remember(cameraId, record, sign) : null;
  }

  /** Hears what the engine says of a camera's stream, several times a second. */
  observeStream(camera: CameraStatus): void {
    const known = this.#governance.state().cameras.get(camera.cameraId);
    if (known === undefined || known.out !== null) return;
    const why = this.#streams.observe(camera, known.baseline);
    if (why !== null) void this.#takeOut(camera.cameraId, why);
  }

  #leansBy(cameraId: CameraId, { tiltDegrees }: Sign): number {
    const upright = this.#baselineOf(cameraId)?.tiltDegrees ?? 0;
    return tiltDegrees === null ? 0 : Math.abs(tiltDegrees - upright);
  }

  async #remember(cameraId: CameraId, record: Watched, sign: Sign): Promise<{ readonly code: string } | null> {
    const { cameraBaselineReads: enough } = this.#governance.policy.numbers;
    record.recent.push(sign);
    if (record.recent.length > enough) record.recent.shift();
    if (record.recent.length < enough) return null;
    const baseline = this.#baselineOf(cameraId);
    if (baseline === null) {
      const signs = record.recent;
      record.recent = [];
      await this.#setBaseline(cameraId, signs);
      return null;
    }
    const why = this.#changed(baseline, record.recent);
    if (why === null) return null;
    await this.#takeOut(cameraId, why);
    return { code: 'CAMERA_SUSPECT' };
  }

  /** Where this camera's latest plates were, oldest first; for whoever aligns it. */
  seen(cameraId: string): readonly SeenPlate[] {
    return this.#seen.get(cameraId) ?? [];
  }

  #saw({ cameraId, box, capturedAtMs }: Read, tiltDegrees: number | null): void {
    const plate = { atMs: capturedAtMs, box, tiltDegrees };
    this.#seen.set(cameraId, [...this.seen(cameraId), plate].slice(-platesRemembered));
  }

  #baselineOf(cameraId: CameraId): CameraBaseline | null {
    return this.#governance.state().cameras.get(cameraId)?.baseline ?? null;
  }

  #recordOf(id: CameraId): Watched {
    const checkedAtMs = this.#governance.state().cameras.get(id)?.checkedAtMs ?? null;
    const known = this.#records.get(id);
    if (known?.checkedAtMs === checkedAtMs) return known;
    const fresh: Watched = { checkedAtMs, recent: [], leaning: new Set() };
    this.#records.set(id, fresh);
    return fresh;
  }

  /** As many reads as the baseline was made of must agree: one truck changes nothing. */
  #changed(before: CameraBaseline, recent: readonly Sign[]): string | null {
    const { numbers } = this.#governance.policy;
    const height = medianOf(recent, 'plateHeightPx') ?? before.plateHeightPx;
    const percent = (100 * Math.abs(height - before.plateHeightPx)) / before.plateHeightPx;
    if (percent > numbers.cameraPlateHeightPercentMax)
      return `plates are ${Math.round(height)} pixels tall, not ${Math.round(before.plateHeightPx)}: it looks elsewhere`;
    const lost = 100 * (before.confidence - (medianOf(recent, 'confidence') ?? 0));
    if (lost > numbers.cameraConfidencePointsMax)
      return `the reader is less sure by ${Math.round(lost)} points: it is dirty or out of focus`;
    const sharpness = medianOf(recent, 'sharpness');
    const fallen = sharpness === null || !before.sharpness ? 0 : 100 * (1 - sharpness / before.sharpness);
    if (fallen > numbers.cameraSharpnessPercentMax)
      return `plates are less sharp by ${Math.round(fallen)} per cent: it is out of focus, dirty or fogged`;
    return null;
  }

  async #setBaseline(cameraId: CameraId, signs: readonly Sign[]): Promise<void> {
    const baseline: CameraBaseline = {
      tiltDegrees: medianOf(signs, 'tiltDegrees'),
      sharpness: medianOf(signs, 'sharpness'),
      plateHeightPx: medianOf(signs, 'plateHeightPx') ?? 1,
      confidence: medianOf(signs, 'confidence') ?? 0,
      clockOffsetMs: this.#streams.clockOffsetMs(cameraId),
    };
    const call = { action: 'camera.set_baseline', input: { cameraId, baseline } };
    const done = await this.#governance.execute(call, watcher);
    if (!done.ok) this.#log.warn({ camera: cameraId, code: done.error.code }, 'camera baseline not recorded');
  }

  async #takeOut(cameraId: CameraId, why: string): Promise<void> {
    if (this.#governance.state().cameras.get(cameraId)?.out !== null) return;
    // Its reads are looked at beside each other: the first that takes it out does it for all that come until it is recorded.
    const leaving = this.#leaving.get(cameraId) ?? this.#recordOut(cameraId, why);
    this.#leaving.set(cameraId, leaving);
    await leaving.finally(() => this.#leaving.delete(cameraId));
  }

  async #recordOut(cameraId: CameraId, why: string): Promise<void> {
    const done = await this.#governance.execute({ action: 'camera.take_out', input: { cameraId, why } }, watcher);
    if (done.ok) this.#log.warn({ camera: cameraId, why }, 'camera removed');
    else this.#log.error({ camera: cameraId, code: done.error.code }, 'camera not removed');
  }
}

/** `null` when no sign tells it. */
function medianOf(signs: readonly Sign[], name: keyof Sign): number | null {
  const values = signs.map((sign) => sign[name]).filter((value) => value !== null);
  return values.sort((a, b) => a - b)[values.length >> 1] ?? null;
}
