import type { Box } from '../data/box.js';
import type { Frame } from '../data/frame.js';
import type { CameraId } from '../data/ids.js';
import type { DropReason, EmptyReason } from '../data/outcome.js';
import { slotLayout } from '../data/slot_layout.js';
import type { Clock } from '../observe/clock.js';
import type { StageClock } from '../observe/stage_times.js';
import { FrameSlots } from './frame_slots.js';
import { Idleness } from './idleness.js';
import { MotionGate } from './motion.js';
import { createSampler, type Sampler } from './sampling.js';
import type { CameraSettings } from './settings.js';
import type { DecodedFrame, UndecodedPicture } from './video_source.js';

/** Where a camera's frames go: each captured frame is told exactly once, by one of these. */
export interface FrameSink {
  /** The frame holds its slot; whoever settles it releases the slot. */
  onFrame(frame: Frame, slots: FrameSlots): void;
  onEmpty(cameraId: CameraId, reason: EmptyReason): void;
  /** No slot is free: the oldest frame that waits for its turn gives its slot back and is told as dropped. */
  makeRoom(cameraId: CameraId): void;
  onDropped(cameraId: CameraId, reason: DropReason): void;
  onUndecoded(cameraId: CameraId, reason: DropReason): void;
}

export interface CaptureDependencies {
  readonly sink: FrameSink;
  /** The detector's input, pixels: the thumb is made to fit it. */
  readonly detectorInput: { readonly width: number; readonly height: number };
  readonly stageClock: StageClock;
  readonly clock: Clock;
  readonly isLive: boolean;
}

/** What becomes of the pictures of one camera: not due, captured and still, dropped, or a frame in a slot. Outlives its connections. */
export class Capture {
  readonly #id: CameraId;
  readonly #settings: CameraSettings;
  readonly #deps: CaptureDependencies;
  readonly #gate: MotionGate;
  readonly #idleness: Idleness;
  #sample: Sampler;
  #slots: FrameSlots | null = null;
  #generation = 0;
  #sequence = 0;
  #isDropping = false;
  #lastLookAtMs = Number.NEGATIVE_INFINITY;
  #captured = 0;
  #passedOver = 0;

  constructor(id: CameraId, settings: CameraSettings, deps: CaptureDependencies) {
    this.#id = id;
    this.#settings = settings;
    this.#deps = deps;
    this.#sample = createSampler(settings.analysedFps);
    this.#gate = new MotionGate({ threshold: settings.motion.threshold, zones: settings.zones, masks: settings.masks });
    this.#idleness = new Idleness({ ...settings.idle, enabled: settings.idle.enabled && deps.isLive });
  }

  get captured(): number {
    return this.#captured;
  }

  /** Pictures not decoded or not looked at because the road was still, or nothing referred to them while there was too much to do. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /** Nothing of a file is left undecoded; of a camera, what nobody could take in time or would look at. */
  get skipsUnreferenced(): boolean {
    return this.#deps.isLive && (this.#isDropping || this.#idleness.isIdle);
  }

  /** A connection begins. */
  begin(generation: number): void {
    this.#generation = generation;
    this.#sample = createSampler(this.#settings.analysedFps);
  }

  /** Whether a picture is to be captured; asked once for each, in order. */
  isDue({ capturedAtMs, leftOut }: Pick<DecodedFrame, 'capturedAtMs' | 'leftOut'>): boolean {
    this.#passedOver += leftOut;
    if (!this.#sample(capturedAtMs)) return false;
    if (!this.#idleness.passesOver(capturedAtMs)) return true;
    this.#passedOver += 1;
    return false;
  }

  /** Not decoded, and so not to be looked at: a captured frame all the same, if it was due. */
  takeUndecoded({ undecoded, capturedAtMs }: UndecodedPicture): void {
    if (!this.isDue({ capturedAtMs, leftOut: 0 })) return;
    this.#captured += 1;
    this.#deps.sink.onUndecoded(this.#id, undecoded);
  }

  /** One captured frame: told exactly once. */
  take(picture: DecodedFrame): void {
    const { sink } = this.#deps;
    this.#captured += 1;
    if (picture.lateMs > this.#settings.lateAfterMs) {
      this.#isDropping = true;
      sink.onDropped(this.#id, 'late');
      return;
    }
    const moved = this.#look(picture);
    if (moved?.length === 0 && picture.capturedAtMs - this.#lastLookAtMs < this.#settings.motion.lookAnywayEveryMs) {
      sink.onEmpty(this.#id, 'no_motion');
      return;
    }
    const slots = this.#slotsFor(picture);
    this.#isDropping = slots.free === 0;
    if (this.#isDropping) sink.makeRoom(this.#id);
    const slot = slots.acquire();
    if (slot === null) {
      sink.onDropped(this.#id, 'no_slot');
      return;
    }
    this.#lastLookAtMs = picture.capturedAtMs;
    this.#copy(picture, slots, slot);
    sink.onFrame(this.#frameIn(slots, slot, picture, moved ?? []), slots);
  }

  get isFull(): boolean {
    return this.#slots?.free === 0;
  }

  /** Resolves when a slot is given back. */
  freed(): Promise<void> {
    return this.#slots?.freed() ?? Promise.resolve();
  }

  /** @returns where something moved, `null` when this camera has no gate. */
  #look(picture: DecodedFrame): readonly Box[] | null {
    if (!this.#settings.motion.enabled) return null;
    const startedAtMs = performance.now();
    const moved = this.#gate.look(picture.sparse(), picture.size.width, picture.size.height);
    this.#deps.stageClock.observe('gate', performance.now() - startedAtMs);
    this.#idleness.looked(picture.capturedAtMs, moved.length > 0);
    return moved;
  }

  #copy(picture: DecodedFrame, slots: FrameSlots, slot: number): void {
    const startedAtMs = performance.now();
    picture.copyTo(slots.view(slot), slots.layout);
    this.#deps.stageClock.observe('scale', performance.now() - startedAtMs);
  }

  #frameIn(slots: FrameSlots, slot: number, picture: DecodedFrame, motion: readonly Box[]): Frame {
    const { clock, isLive } = this.#deps;
    return {
      cameraId: this.#id,
      generation: this.#generation,
      sequence: this.#sequence++,
      capturedAtMs: picture.capturedAtMs,
      captureClock: picture.captureClock,
      lateAtMs: isLive ? clock.nowMs() - picture.lateMs + this.#settings.lateAfterMs : null,
      slot,
      width: slots.layout.width,
      height: slots.layout.height,
      motion,
    };
  }

  /** A new size gets new slots; the old ones live until their last frame is settled. */
  #slotsFor({ size }: DecodedFrame): FrameSlots {
    if (this.#slots?.layout.width !== size.width || this.#slots.layout.height !== size.height) {
      this.#slots = new FrameSlots(slotLayout(size.width, size.height, this.#deps.detectorInput), this.#settings.slots);
    }
    return this.#slots;
  }
}
