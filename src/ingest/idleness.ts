import { createSampler, type Sampler } from './sampling.js';
import type { CameraSettings } from './settings.js';

/**
 * A camera whose road has been still for a while is looked at less often, so that what it would cost is free for others. The first look that
 * finds something moved ends it, and is itself a frame like any other.
 */
export class Idleness {
  readonly #settings: CameraSettings['idle'];
  readonly #sample: Sampler;
  #stillSinceMs: number | null = null;
  #isIdle = false;

  constructor(settings: CameraSettings['idle']) {
    this.#settings = settings;
    this.#sample = createSampler(settings.analysedFps);
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Whether a frame that is due is passed over. */
  passesOver(capturedAtMs: number): boolean {
    return this.#isIdle && !this.#sample(capturedAtMs);
  }

  /** What a look found, at its time of capture. */
  looked(capturedAtMs: number, moved: boolean): void {
    if (moved || this.#stillSinceMs === null || capturedAtMs < this.#stillSinceMs) this.#stillSinceMs = capturedAtMs;
    const { enabled, afterMs } = this.#settings;
    this.#isIdle = enabled && capturedAtMs - this.#stillSinceMs >= afterMs;
  }
}
