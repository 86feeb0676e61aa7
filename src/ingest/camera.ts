import { type CameraId, cameraId } from '../data/ids.js';
import { assert } from '../data/result.js';
import { limits } from '../limits.js';
import { type Clock, systemClock } from '../observe/clock.js';
import type { Log } from '../observe/log.js';
import type { StageClock } from '../observe/stage_times.js';
import { isStream } from './address.js';
import { backoffMs } from './backoff.js';
import { Capture, type FrameSink } from './capture.js';
import type { FrameSlots } from './frame_slots.js';
import { Pace } from './pace.js';
import { clipsOf } from './playlist.js';
import { Preview } from './preview.js';
import type { CameraSettings } from './settings.js';
import {
  type DecodedFrame,
  type DecodingLoad,
  openVideoSource,
  type SourceEnd,
  type VideoSource,
} from './video_source.js';

/** A camera's life; every change has a reason. */
export type CameraState =
  | { readonly kind: 'connecting'; readonly reason: string }
  | { readonly kind: 'playing'; readonly reason: string; readonly width: number; readonly height: number }
  | { readonly kind: 'waiting'; readonly reason: string; readonly untilMs: number }
  | { readonly kind: 'out_of_service'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string }
  /** A file that will not become a video by waiting. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Where a camera's frames go, and what it says of itself. */
export interface CameraSink extends FrameSink {
  onState(cameraId: CameraId, state: CameraState): void;
}

export interface CameraDependencies {
  readonly sink: CameraSink;
  /** The detector's input, pixels: the thumb is made to fit it. */
  readonly detectorInput: { readonly width: number; readonly height: number };
  readonly stageClock: StageClock;
  readonly log: Log;
  /** Default: it decodes all of its stream, whenever it likes. */
  readonly load?: DecodingLoad;
  readonly clock?: Clock;
  /** 0..1, for the jitter of reconnecting. */
  readonly random?: () => number;
  /** False: starts out of service, and connects only once it is put in [IV.B.1.a(9)]. */
  readonly inService?: boolean;
}

/** What a camera has done since it was started. */
interface CameraStats {
  /** Connections that gave a stream. */
  readonly generation: number;
  readonly decoded: number;
  readonly captured: number;
  /** Pictures a second the stream gives by its own time; `null` = not known (yet). */
  readonly fps: number | null;
  /** The camera's clock minus ours, ms; `null`: it tells none. */
  readonly clockOffsetMs: number | null;
  /** See `Capture`. */
  readonly passedOver: number;
}

export interface Camera {
  readonly id: CameraId;
  state(): CameraState;
  stats(): CameraStats;
  /** Out of service: disconnected, decodes nothing [IV.B.2.a(3)]. */
  setService(inService: boolean): void;
  /**
   * The next decoded picture, in the only slot of slots of its own, so that looking takes none from reading; the caller releases slot 0
   * and asks again only then. `null`: no picture is to be had.
   */
  preview(): Promise<FrameSlots | null>;
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
  readonly #isLive: boolean;
  readonly #capture: Capture;
  readonly #stop = new AbortController();
  /** Aborted when this connection has to end: stopped, or out of service. */
  #leave = new AbortController();
  #state: CameraState = { kind: 'connecting', reason: 'started' };
  #inService: boolean;
  #wake: () => void = () => {};
  #source: VideoSource | null = null;
  #generation = 0;
  #failures = 0;
  /** What the source was told last. */
  #skips = false;
  #lastCapturedAtMs = Number.NEGATIVE_INFINITY;
  #decoded = 0;
  readonly #pace = new Pace();
  readonly #preview: Preview;

  constructor(settings: CameraSettings, deps: CameraDependencies) {
    const id = cameraId(settings.id);
    assert(id !== null, 'camera ids are checked with the configuration');
    this.id = id;
    this.#settings = settings;
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
    this.#isLive = isStream(settings.url);
    this.#capture = new Capture(id, settings, { ...deps, clock: this.#clock, isLive: this.#isLive });
    this.#preview = new Preview(deps.detectorInput);
    this.#inService = deps.inService ?? true;
    this.ended = this.#run();
  }

  state(): CameraState {
    return this.#state;
  }

  stats(): CameraStats {
    return {
      generation: this.#generation,
      decoded: this.#decoded,
      captured: this.#capture.captured,
      passedOver: this.#capture.passedOver,
      fps: this.#pace.fps,
      clockOffsetMs: this.#source?.clockOffsetMs() ?? null,
    };
  }

  setService(inService: boolean): void {
    if (inService === this.#inService) return;
    this.#inService = inService;
    if (!inService) this.#leave.abort();
    this.#wake();
  }

  preview(): Promise<FrameSlots | null> {
    return this.#state.kind === 'playing' ? this.#preview.ask() : Promise.resolve(null);
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
        this.#become({ kind: end.ended === 'unusable' ? 'failed' : 'stopped', reason: end.reason });
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
    if (state.kind !== 'playing') this.#preview.refuse();
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
    const opened = await openVideoSource(settings, {
      signal: this.#leave.signal,
      clock: this.#clock,
      startMs,
      ...(this.#deps.load ? { load: this.#deps.load } : {}),
    });
    if (!opened.ok) return { ended: this.#isLive ? 'lost' : 'unusable', reason: opened.error };
    this.#source = opened.value;
    this.#generation += 1;
    this.#pace.reset();
    this.#capture.begin(this.#generation);
    this.#skips = false;
    this.#chooseSkipping();
    try {
      return await this.#play(opened.value);
    } finally {
      this.#source = null;
      await opened.value.close();
    }
  }

  async #play(source: VideoSource): Promise<SourceEnd> {
    const startedAtMs = this.#clock.monotonicMs();
    let firstCapturedAtMs: number | null = null;
    for (;;) {
      const got = await source.next();
      if ('ended' in got) return got;
      this.#lastCapturedAtMs = got.capturedAtMs;
      if ('undecoded' in got) {
        this.#pace.saw(got.capturedAtMs, 1);
        this.#capture.takeUndecoded(got);
        continue;
      }
      this.#decoded += 1;
      this.#pace.saw(got.capturedAtMs, 1 + got.leftOut);
      this.#deps.stageClock.observe('decode', got.decodeMs);
      if (this.#state.kind !== 'playing') this.#startPlaying(got);
      const playedMs = this.#clock.monotonicMs() - startedAtMs;
      if (playedMs > limits.ingest.playedWellMs) this.#failures = 0;
      if (!this.#isLive && this.#settings.paced) {
        firstCapturedAtMs ??= got.capturedAtMs;
        const aheadMs = got.capturedAtMs - firstCapturedAtMs - playedMs;
        if (aheadMs > 1) await this.#pause(aheadMs);
      }
      this.#preview.saw(got);
      await this.#takeIfDue(got);
    }
  }

  #startPlaying({ size }: DecodedFrame): void {
    this.#become({ kind: 'playing', reason: 'first picture', ...size });
  }

  async #takeIfDue(picture: DecodedFrame): Promise<void> {
    if (!this.#capture.isDue(picture)) return;
    // A file played as fast as it decodes waits for the readers; a camera does not wait, so there frames are dropped.
    while (!this.#isLive && !this.#settings.paced && this.#capture.isFull && !this.#leave.signal.aborted) {
      await Promise.race([this.#capture.freed(), this.#pause(null)]);
    }
    this.#capture.take(picture);
    this.#chooseSkipping();
  }

  #chooseSkipping(): void {
    const skips = this.#capture.skipsUnreferenced;
    if (skips !== this.#skips) this.#source?.setSkipping(skips);
    this.#skips = skips;
  }
}
