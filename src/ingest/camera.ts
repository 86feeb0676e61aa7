import type { Frame } from '../data/frame.js';
import { type CameraId, cameraId } from '../data/ids.js';
import type { DropReason, EmptyReason } from '../data/outcome.js';
import { assert } from '../data/result.js';
import { slotLayout } from '../data/slot_layout.js';
import type { Log } from '../observe/log.js';
import { backoffMs } from './backoff.js';
import { FrameSlots } from './frame_slots.js';
import { MotionGate } from './motion.js';
import { createSampler } from './sampling.js';
import type { CameraSettings } from './settings.js';
import { type DecodedFrame, isStream, openVideoSource, type SourceEnd, type VideoSource } from './video_source.js';

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
  readonly random?: () => number;
}

export interface Camera {
  readonly id: CameraId;
  state(): CameraState;
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
  readonly #gate: MotionGate;
  readonly #stop = new AbortController();
  #state: CameraState = { kind: 'connecting', reason: 'started' };
  #inService = true;
  #wake: () => void = () => {};
  #source: VideoSource | null = null;
  #slots: FrameSlots | null = null;
  #generation = 0;
  #sequence = 0;
  #failures = 0;
  #lastLookAtMs = Number.NEGATIVE_INFINITY;
  #lastDropped = false;

  constructor(settings: CameraSettings, deps: CameraDependencies) {
    const id = cameraId(settings.id);
    assert(id !== null, 'camera ids are checked with the configuration');
    this.id = id;
    this.#settings = settings;
    this.#deps = deps;
    this.#gate = new MotionGate({ threshold: settings.motion.threshold, zones: settings.zones, masks: settings.masks });
    this.ended = this.#run();
  }

  state(): CameraState {
    return this.#state;
  }

  setService(inService: boolean): void {
    this.#inService = inService;
    this.#wake();
  }

  async stop(reason: string): Promise<void> {
    this.#stop.abort(reason);
    this.#wake();
    await this.ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (!this.#inService) {
        this.#become({ kind: 'out_of_service', reason: 'removed from service' });
        await this.#waitForChange(null);
        continue;
      }
      this.#become({ kind: 'connecting', reason: this.#failures ? `attempt ${this.#failures + 1}` : 'started' });
      const end = await this.#playOnce();
      if (this.#stop.signal.aborted || !this.#inService) continue;
      if (end.ended === 'end_of_file' && this.#settings.loop) continue;
      if (end.ended !== 'lost') {
        this.#become({ kind: 'stopped', reason: end.reason });
        return;
      }
      this.#failures += 1;
      const waitMs = backoffMs(this.#failures, (this.#deps.random ?? Math.random)());
      this.#become({ kind: 'waiting', reason: end.reason, untilMs: Date.now() + waitMs });
      await this.#waitForChange(waitMs);
    }
    this.#become({ kind: 'stopped', reason: String(this.#stop.signal.reason) });
  }

  #become(state: CameraState): void {
    this.#state = state;
    this.#deps.log.info({ camera: this.id, state: state.kind, reason: state.reason }, 'camera changed');
    this.#deps.sink.onState(this.id, state);
  }

  async #waitForChange(ms: number | null): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (ms !== null) timer = setTimeout(resolve, ms);
      if (this.#stop.signal.aborted) resolve();
    });
    clearTimeout(timer);
  }

  /** One connection, from opening to its end. */
  async #playOnce(): Promise<SourceEnd> {
    const opened = await openVideoSource(this.#settings);
    if (!opened.ok) return { ended: isStream(this.#settings.url) ? 'lost' : 'unusable', reason: opened.error };
    const source = opened.value;
    this.#source = source;
    this.#generation += 1;
    const leave = () => source.close();
    try {
      return await this.#play(source);
    } finally {
      this.#source = null;
      await leave();
    }
  }

  async #play(source: VideoSource): Promise<SourceEnd> {
    const sample = createSampler(this.#settings.analysedFps);
    const startedAtMs = Date.now();
    let firstCapturedAtMs: number | null = null;
    for (;;) {
      if (this.#stop.signal.aborted || !this.#inService) return { ended: 'lost', reason: 'stopped' };
      const got = await source.next();
      if ('ended' in got) return got;
      if (this.#state.kind !== 'playing') {
        this.#failures = 0;
        this.#become({ kind: 'playing', reason: 'first picture', width: got.luma.width, height: got.luma.height });
      }
      if (got.captureClock === 'file' && this.#settings.paced) {
        firstCapturedAtMs ??= got.capturedAtMs;
        const aheadMs = got.capturedAtMs - firstCapturedAtMs - (Date.now() - startedAtMs);
        if (aheadMs > 1) await this.#waitForChange(aheadMs);
      }
      if (sample(got.capturedAtMs)) this.#capture(got);
    }
  }

  /** One captured frame: told exactly once. */
  #capture(picture: DecodedFrame): void {
    const { sink } = this.#deps;
    const moved = this.#settings.motion.enabled ? this.#gate.look(picture.luma) : null;
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
    picture.copyTo(slots.view(slot), slots.layout);
    const frame: Frame = {
      cameraId: this.id,
      generation: this.#generation,
      sequence: this.#sequence++,
      capturedAtMs: picture.capturedAtMs,
      captureClock: picture.captureClock,
      slot,
      width: slots.layout.width,
      height: slots.layout.height,
      motion: moved?.length ? moved : [],
    };
    sink.onFrame(frame, slots);
  }

  #setDropping(dropping: boolean): void {
    if (dropping === this.#lastDropped) return;
    this.#lastDropped = dropping;
    this.#source?.setSkipping(dropping);
  }

  /** A new size gets new slots; the old ones live until their last frame is settled. */
  #slotsFor({ luma }: DecodedFrame): FrameSlots {
    if (this.#slots?.layout.width !== luma.width || this.#slots.layout.height !== luma.height) {
      this.#slots = new FrameSlots(slotLayout(luma.width, luma.height, this.#deps.detectorInput), this.#settings.slots);
    }
    return this.#slots;
  }
}
