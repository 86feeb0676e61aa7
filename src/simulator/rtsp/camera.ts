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
  | { readonly kind: 'disconnect' };

/** One playing client, as the camera sees it. */
export interface Viewer {
  send(payload: Buffer, last: boolean, timestamp: number, key: boolean): void;
  report(wallMs: number, timestamp: number): void;
}

/** A simulated camera: plays its clip for ever on one clock, to whoever watches. */
export class SimulatedCamera {
  readonly path: string;
  readonly clip: Clip;
  fault: Fault = { kind: 'none' };
  sentFrames = 0;
  readonly #schedule: Schedule;
  readonly #viewers = new Set<Viewer>();
  readonly #firstTimestamp = randomInt(2 ** 32);
  readonly #startMs: number;
  #loops = 0;
  #next = 0;
  #running = false;
  #nextReportMs = 0;

  constructor(path: string, clip: Clip, schedule: Schedule, startOffsetMs: number) {
    this.path = path;
    this.clip = clip;
    this.#schedule = schedule;
    this.#startMs = Date.now() - startOffsetMs;
  }

  /** RTP time of a moment: continuous over loops. */
  timestampAt(wallMs: number): number {
    return (this.#firstTimestamp + Math.round((wallMs - this.#startMs) * TICKS_PER_MS)) >>> 0;
  }

  join(viewer: Viewer): () => void {
    this.#viewers.add(viewer);
    if (!this.#running) this.#catchUp();
    viewer.report(Date.now(), this.timestampAt(Date.now()));
    return () => this.#viewers.delete(viewer);
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** Nobody watched for a while: go on where the clip would be by now. */
  #catchUp(): void {
    const elapsed = Date.now() - this.#startMs;
    this.#loops = Math.floor(elapsed / this.clip.durationMs);
    const at = elapsed - this.#loops * this.clip.durationMs;
    this.#next = this.clip.units.findIndex((unit) => unit.atMs >= at);
    if (this.#next < 0) {
      this.#next = 0;
      this.#loops += 1;
    }
    this.#running = true;
    this.#plan();
  }

  #plan(): void {
    const unit = this.clip.units[this.#next];
    if (!unit) return;
    const dueMs = this.#startMs + this.#loops * this.clip.durationMs + unit.atMs;
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
        for (const viewer of this.#viewers) viewer.report(dueMs, timestamp);
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
