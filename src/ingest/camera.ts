import type { Box } from '../data/box.js';
import type { Frame } from '../data/frame.js';
import { type CameraId, cameraId } from '../data/ids.js';
import type { DropReason, EmptyReason } from '../data/outcome.js';
import { assert } from '../data/result.js';
import { slotLayout } from '../data/slot_layout.js';
import { limits } from '../limits.js';
import { type Clock, systemClock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import { isStream } from './address.js';
import { backoffMs } from './backoff.js';
import { FrameSlots } from './frame_slots.js';
import { MotionGate } from './motion.js';
import { clipsOf } from './playlist.js';
import { createSampler, type Sampler } from './sampling.js';
import type { CameraSettings } from './settings.js';
import { type DecodedFrame, openVideoSource, type SourceEnd, type VideoSource } from './video_source.js';

/** A camera's life; every change has a reason. */
export type CameraState =
  | { readonly kind: 'connecting'; readonly reason: string }
  | { readonly kind: 'playing'; readonly reason: string; readonly width: number; readonly height: number }
  | { readonly kind: 'waiting'; readonly reason: string; readonly untilMs: number }
  | { readonly kind: 'out_of_service'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string };

/** Where a camera's frames go: each captured frame is told exactly once, by one of the first three. */
export interface CameraSink {
  /** The frame holds its slot; whoever settles it releases the slot. */
  onFrame(frame: Frame, slots: FrameSlots): void;
  onEmpty(cameraId: CameraId, reason: EmptyReason): void;
  onDropped(cameraId: CameraId, reason: DropReason): void;
  onState(cameraId: CameraId, state: CameraState): void;
}

export interface CameraDependencies {
  readonly sink: CameraSink;
  /** The detector's input, pixels: the thumb is made to fit it. */
  readonly detectorInput: { readonly width: number; readonly height: number };
  readonly log: Log;
  readonly clock?: Clock;
  /** 0..1, for the jitter of reconnecting. */
  readonly random?: () => number;
}

/** What a camera has done since it was started. */
export interface CameraStats {
  /** Connections that gave a stream. */
  readonly generation: number;
  readonly decoded: number;
  readonly captured: number;
  /** Milliseconds spent on this thread, in all. */
  readonly gateMs: number;
  readonly copyMs: number;
}

export interface Camera {
  readonly id: CameraId;
  state(): CameraState;
  stats(): CameraStats;
  /** Somebody downstream has too much to do: frames nothing refers to are not decoded. */
  setOverloaded(overloaded: boolean): void;
  /** Out of service: disconnected, decodes nothing [IV.B.2.a(3)]. */
  setService(inService: boolean): void;
  /** Resolves when the camera has ended by itself (a file that does not loop) or was stopped. */
  readonly ended: Promise<void>;
  stop(reason: string): Promise<void>;
}

/** Starts a camera: one loop owns its state and its stream until it is stopped. */
export function startCamera(settings: CameraSettings, dependencies: CameraDependencies): Camera {
  return new CameraLoop(settings, dependencies);
}

class CameraLoop implements Camera {
  readonly id: CameraId;
  readonly ended: Promise<void>;
  readonly #settings: CameraSettings;
  readonly #deps: CameraDependencies;
  readonly #clock: Clock;
  readonly #gate: MotionGate;
  readonly #isLive: boolean;
  readonly #stop = new AbortController();
  /** Aborted when this connection has to end: stopped, or out of service. */
  #leave = new AbortController();
  #state: CameraState = { kind: 'connecting', reason: 'started' };
  #inService = true;
  #wake: () => void = () => {};
  #source: VideoSource | null = null;
  #slots: FrameSlots | null = null;
  #generation = 0;
  #sequence = 0;
  #failures = 0;
  #overloaded = false;
  #dropping = false;
  #lastLookAtMs = Number.NEGATIVE_INFINITY;
  #lastCapturedAtMs = Number.NEGATIVE_INFINITY;
  #decoded = 0;
  #captured = 0;
  #gateMs = 0;
  #copyMs = 0;

  constructor(settings: CameraSettings, deps: CameraDependencies) {
    const id = cameraId(settings.id);
    assert(id !== null, 'camera ids are checked with the configuration');
    this.id = id;
    this.#settings = settings;
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#isLive = isStream(settings.url);
    this.#gate = new MotionGate({ threshold: settings.motion.threshold, zones: settings.zones, masks: settings.masks });
    this.ended = this.#run();
  }

  state(): CameraState {
    return this.#state;
  }

  stats(): CameraStats {
    return {
      generation: this.#generation,
      decoded: this.#decoded,
      captured: this.#captured,
      gateMs: this.#gateMs,
      copyMs: this.#copyMs,
    };
  }

  setService(inService: boolean): void {
    if (inService === this.#inService) return;
    this.#inService = inService;
    if (!inService) this.#leave.abort();
    this.#wake();
  }

  setOverloaded(overloaded: boolean): void {
    this.#overloaded = overloaded;
    this.#chooseSkipping();
  }

  async stop(reason: string): Promise<void> {
    this.#stop.abort(reason);
    this.#leave.abort();
    this.#wake();
    await this.ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (!this.#inService) {
        this.#become({ kind: 'out_of_service', reason: 'removed from service' });
        await this.#pause(null);
        continue;
      }
      this.#leave = new AbortController();
      this.#become({ kind: 'connecting', reason: this.#failures ? `attempt ${this.#failures + 1}` : 'started' });
      const end = await this.#playAll();
      if (this.#stop.signal.aborted || !this.#inService) continue;
      if (end.ended === 'end_of_file' && this.#settings.loop) continue;
      if (end.ended !== 'lost') {
        this.#become({ kind: 'stopped', reason: end.reason });
        return;
      }
      this.#failures += 1;
      const waitMs = backoffMs(this.#failures, (this.#deps.random ?? Math.random)());
      this.#become({ kind: 'waiting', reason: end.reason, untilMs: this.#clock.nowMs() + waitMs });
      await this.#pause(waitMs);
    }
    this.#become({ kind: 'stopped', reason: String(this.#stop.signal.reason) });
  }

  #become(state: CameraState): void {
    this.#state = state;
    this.#deps.log.info({ camera: this.id, state: state.kind, reason: state.reason }, 'camera changed');
    this.#deps.sink.onState(this.id, state);
  }

  /** Waits for `ms` (`null`: for ever), or until the camera is told something. */
  async #pause(ms: number | null): Promise<void> {
    if (this.#stop.signal.aborted) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== null) timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  /** A camera's one stream, or a folder's clips one after the other. */
  async #playAll(): Promise<SourceEnd> {
    const clips = this.#isLive ? { ok: true as const, value: [this.#settings.url] } : clipsOf(this.#settings.url);
    if (!clips.ok) return { ended: 'unusable', reason: clips.error };
    let end: SourceEnd = { ended: 'unusable', reason: 'nothing to play' };
    for (const url of clips.value) {
      end = await this.#playOnce({ ...this.#settings, url });
      if (end.ended !== 'end_of_file') return end;
    }
    return end;
  }

  /** One connection, from opening to its end. */
  async #playOnce(settings: CameraSettings): Promise<SourceEnd> {
    const startMs = Math.max(this.#clock.nowMs(), this.#lastCapturedAtMs + 1);
    const opened = await openVideoSource(settings, { signal: this.#leave.signal, clock: this.#clock, startMs });
    if (!opened.ok) return { ended: this.#isLive ? 'lost' : 'unusable', reason: opened.error };
    this.#source = opened.value;
    this.#generation += 1;
    this.#chooseSkipping();
    try {
      return await this.#play(opened.value);
    } finally {
      this.#source = null;
      await opened.value.close();
    }
  }

  async #play(source: VideoSource): Promise<SourceEnd> {
    const sample = createSampler(this.#settings.analysedFps);
    const startedAtMs = this.#clock.monotonicMs();
    let firstCapturedAtMs: number | null = null;
    for (;;) {
      const got = await source.next();
      if ('ended' in got) return got;
      this.#decoded += 1;
      if (this.#state.kind !== 'playing') this.#startPlaying(got);
      const playedMs = this.#clock.monotonicMs() - startedAtMs;
      if (playedMs > limits.ingest.playedWellMs) this.#failures = 0;
      if (!this.#isLive && this.#settings.paced) {
        firstCapturedAtMs ??= got.capturedAtMs;
        const aheadMs = got.capturedAtMs - firstCapturedAtMs - playedMs;
        if (aheadMs > 1) await this.#pause(aheadMs);
      }
      await this.#takeIfDue(sample, got);
    }
  }

  #startPlaying({ luma }: DecodedFrame): void {
    this.#become({ kind: 'playing', reason: 'first picture', width: luma.width, height: luma.height });
  }

  async #takeIfDue(sample: Sampler, picture: DecodedFrame): Promise<void> {
    this.#lastCapturedAtMs = picture.capturedAtMs;
    if (!sample(picture.capturedAtMs)) return;
    // A file played as fast as it decodes waits for the readers; a camera does not wait, so there frames are dropped.
    while (!this.#isLive && !this.#settings.paced && this.#slots?.free === 0 && !this.#leave.signal.aborted) {
      await Promise.race([this.#slots.freed(), this.#pause(null)]);
    }
    this.#capture(picture);
  }

  /** One captured frame: told exactly once. */
  #capture(picture: DecodedFrame): void {
    const { sink } = this.#deps;
    this.#captured += 1;
    const moved = this.#look(picture);
    const due = picture.capturedAtMs - this.#lastLookAtMs >= this.#settings.motion.lookAnywayEveryMs;
    if (moved?.length === 0 && !due) {
      sink.onEmpty(this.id, 'no_motion');
      return;
    }
    const slots = this.#slotsFor(picture);
    const slot = slots.acquire();
    this.#setDropping(slot === null);
    if (slot === null) {
      sink.onDropped(this.id, 'no_slot');
      return;
    }
    this.#lastLookAtMs = picture.capturedAtMs;
    this.#copy(picture, slots, slot);
    sink.onFrame(this.#frameIn(slots, slot, picture, moved ?? []), slots);
  }

  /** @returns where something moved, `null` when this camera has no gate. */
  #look(picture: DecodedFrame): Box[] | null {
    if (!this.#settings.motion.enabled) return null;
    const startedAtMs = performance.now();
    const moved = this.#gate.look(picture.luma);
    this.#gateMs += performance.now() - startedAtMs;
    return moved;
  }

  #copy(picture: DecodedFrame, slots: FrameSlots, slot: number): void {
    const startedAtMs = performance.now();
    picture.copyTo(slots.view(slot), slots.layout);
    this.#copyMs += performance.now() - startedAtMs;
  }

  #frameIn(slots: FrameSlots, slot: number, picture: DecodedFrame, motion: readonly Box[]): Frame {
    return {
      cameraId: this.id,
      generation: this.#generation,
      sequence: this.#sequence++,
      capturedAtMs: picture.capturedAtMs,
      captureClock: picture.captureClock,
      slot,
      width: slots.layout.width,
      height: slots.layout.height,
      motion,
    };
  }

  #setDropping(dropping: boolean): void {
    if (dropping === this.#dropping) return;
    this.#dropping = dropping;
    this.#chooseSkipping();
  }

  /** Nothing of a file is left undecoded; of a camera, what nobody could take in time. */
  #chooseSkipping(): void {
    this.#source?.setSkipping(this.#isLive && (this.#overloaded || this.#dropping));
  }

  /** A new size gets new slots; the old ones live until their last frame is settled. */
  #slotsFor({ luma }: DecodedFrame): FrameSlots {
    if (this.#slots?.layout.width !== luma.width || this.#slots.layout.height !== luma.height) {
      this.#slots = new FrameSlots(slotLayout(luma.width, luma.height, this.#deps.detectorInput), this.#settings.slots);
    }
    return this.#slots;
  }
}
