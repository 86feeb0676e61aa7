import { randomInt } from 'node:crypto';
import type { Clip } from './clip.js';
import { TICKS_PER_MS } from './rtp.js';
import type { Schedule } from './schedule.js';
import { SIMULATOR } from './settings.js';

/** What a scripted camera does wrong; `none` = nothing. Loss is a share of packets, 0..1. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'packet_loss'; readonly share: number }
  | { readonly kind: 'wrong_sdp' }
  | { readonly kind: 'unauthorised' }
  | { readonly kind: 'disconnect' }
  /** Every client is cut off with its first picture, again and again. */
  | { readonly kind: 'reconnect_storm' }
  /** From now on the pictures have another size; what was described to the clients does not change. */
  | { readonly kind: 'size_change' }
  /** Its sender reports tell a time that is off by so much. */
  | { readonly kind: 'clock_off'; readonly byMs: number };

/** One playing client, as the camera sees it. */
export interface Viewer {
  send(payload: Buffer, last: boolean, timestamp: number, key: boolean): void;
  report(wallMs: number, timestamp: number): void;
}

/** A simulated camera: plays its clip for ever on one clock, to whoever watches. */
export class SimulatedCamera {
  readonly path: string;
  clip: Clip;
  fault: Fault = { kind: 'none' };
  sentFrames = 0;
  readonly #schedule: Schedule;
  readonly #viewers = new Set<Viewer>();
  readonly #firstTimestamp = randomInt(2 ** 32);
  readonly #startMs: number;
  readonly #keepsPlace: boolean;
  /** When the clip's first pass began. */
  #clipStartMs: number;
  #loops = 0;
  #next = 0;
  #running = false;
  #nextReportMs = 0;

  /** @param keepsPlace whoever joins changes nothing: else cameras that are joined together would be alike, key frames, vehicles and all */
  constructor(path: string, clip: Clip, schedule: Schedule, startOffsetMs: number, keepsPlace = false) {
    this.path = path;
    this.clip = clip;
    this.#schedule = schedule;
    this.#keepsPlace = keepsPlace;
    this.#startMs = Date.now() - startOffsetMs;
    this.#clipStartMs = this.#startMs;
  }

  /** RTP time of a moment: continuous over loops. */
  timestampAt(wallMs: number): number {
    return (this.#firstTimestamp + Math.round((wallMs - this.#startMs) * TICKS_PER_MS)) >>> 0;
  }

  join(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    if (!this.#running) this.#catchUp();
    const nowMs = Date.now();
    viewer.report(this.#told(nowMs), this.timestampAt(nowMs));
    return () => this.#viewers.delete(viewer);
  }

  /** Goes on with another clip at once; the clients notice by the pictures alone. */
  switchTo(clip: Clip): void {
    this.clip = clip;
    this.#clipStartMs = Date.now();
    this.#loops = 0;
    this.#next = 0;
  }

  /** What the camera's own clock says at a moment. */
  #told(wallMs: number): number {
    return wallMs + (this.fault.kind === 'clock_off' ? this.fault.byMs : 0);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /**
   * Nobody watched for a while: go on about where the clip would be by now, with the key frame before it, as a camera begins with one for
   * whoever asks. Otherwise the first to come would get nothing until the clip's next key frame, which can be longer than he waits.
   */
  #catchUp(): void {
    const { units, durationMs } = this.clip;
    const elapsed = Date.now() - this.#clipStartMs;
    this.#loops = Math.floor(elapsed / durationMs);
    const at = elapsed - this.#loops * durationMs;
    if (this.#keepsPlace) this.#goOn(at);
    else {
      this.#next = Math.max(
        0,
        units.findLastIndex((unit) => unit.key && unit.atMs <= at),
      );
      this.#clipStartMs += at - (units[this.#next]?.atMs ?? at);
    }
    this.#running = true;
    this.#plan();
  }

  /** From the next key frame on, when it is due: that of the next pass when this one has no more. */
  #goOn(atMs: number): void {
    this.#next = this.clip.units.findIndex((unit) => unit.key && unit.atMs >= atMs);
    if (this.#next >= 0) return;
    this.#next = 0;
    this.#loops += 1;
  }

  #plan(): void {
    const unit = this.clip.units[this.#next];
    if (!unit) return;
    const dueMs = this.#clipStartMs + this.#loops * this.clip.durationMs + unit.atMs;
    this.#schedule.at(dueMs, () => this.#play(dueMs));
  }

  #play(dueMs: number): void {
    if (this.#viewers.size === 0) {
      this.#running = false;
      return;
    }
    const unit = this.clip.units[this.#next];
    if (unit && this.fault.kind !== 'stall') {
      const timestamp = this.timestampAt(dueMs);
      for (const viewer of this.#viewers) {
        for (const [i, payload] of unit.payloads.entries()) {
          viewer.send(payload, i === unit.payloads.length - 1, timestamp, unit.key);
        }
      }
      this.sentFrames += 1;
      if (dueMs >= this.#nextReportMs) {
        this.#nextReportMs = dueMs + SIMULATOR.senderReportEveryMs;
        for (const viewer of this.#viewers) viewer.report(this.#told(dueMs), timestamp);
      }
    }
    this.#next += 1;
    if (this.#next >= this.clip.units.length) {
      this.#next = 0;
      this.#loops += 1;
    }
    this.#plan();
  }
}
