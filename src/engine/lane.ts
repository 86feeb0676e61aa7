import type { Frame } from '../data/frame.js';
import { type FrameCounts, noFrames } from '../data/outcome.js';
import type { FrameSlots } from '../ingest/frame_slots.js';
import type { Tracker } from '../track/tracker.js';

/** A frame with the slots that hold its pixels. */
export interface HeldFrame {
  readonly frame: Frame;
  readonly slots: FrameSlots;
}

/** One camera's frames on their way: those that wait, in order of capture, and what the others came to. */
export class Lane {
  readonly counts: FrameCounts = noFrames();
  readonly reasons = new Map<string, number>();
  readonly tracker: Tracker;
  /** Of the dropped frames, those that were not even decoded. */
  undecoded = 0;
  /** Of the others, those whose turn came when they were nearly late. */
  nearlyLate = 0;
  /** Resolves when nothing is in work. */
  tail: Promise<void> = Promise.resolve();
  readonly #waiting: HeldFrame[] = [];
  #isDraining = false;
  #lastFrame: { readonly capturedAtMs: number; readonly atMs: number } | null = null;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  /** One frame of a camera at a time, in order: where the next is searched depends on what this one showed. */
  add(held: HeldFrame, work: () => Promise<void>): void {
    this.#waiting.push(held);
    if (!this.#isDraining) this.tail = this.#drain(work);
  }

  /** The frame whose turn it is. */
  next(): HeldFrame | undefined {
    return this.#waiting.shift();
  }

  /** Frames that are late and have a newer one behind them: they give way. */
  takeLate(nowMs: number): HeldFrame[] {
    const kept = this.#waiting.findIndex(({ frame: { lateAtMs } }) => lateAtMs === null || nowMs < lateAtMs);
    return this.#waiting.splice(0, kept < 0 ? this.#waiting.length - 1 : kept);
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  sawFrame(capturedAtMs: number): void {
    this.#lastFrame = { capturedAtMs, atMs: performance.now() };
  }

  /** Now, on the clock that gives the frames their capture times; `null` before the first. */
  nowMs(): number | null {
    return this.#lastFrame && this.#lastFrame.capturedAtMs + performance.now() - this.#lastFrame.atMs;
  }

  settle(kind: 'read' | 'empty' | 'dropped' | 'failed', reason: string): void {
    this.counts[kind] += 1;
    const key = `${kind}:${reason}`;
    this.reasons.set(key, (this.reasons.get(key) ?? 0) + 1);
  }

  async #drain(work: () => Promise<void>): Promise<void> {
    this.#isDraining = true;
    while (this.#waiting.length > 0) await work();
    this.#isDraining = false;
  }
}
