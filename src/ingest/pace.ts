/** Stream time one figure is taken over. */
const windowMs = 10_000;

/**
 * Pictures a second of a stream, by the pictures' own capture times: a machine that is too busy to take them in time does not make the camera
 * look slow. `null` until a whole window has been seen.
 */
export class Pace {
  #fromMs: number | null = null;
  #pictures = 0;
  #fps: number | null = null;

  get fps(): number | null {
    return this.#fps;
  }

  /** @param pictures how many the stream gave since the last time, also those that were not decoded */
  saw(capturedAtMs: number, pictures: number): void {
    if (this.#fromMs === null || capturedAtMs < this.#fromMs) {
      this.#begin(capturedAtMs);
      return;
    }
    this.#pictures += pictures;
    const elapsedMs = capturedAtMs - this.#fromMs;
    if (elapsedMs < windowMs) return;
    this.#fps = (1000 * this.#pictures) / elapsedMs;
    this.#begin(capturedAtMs);
  }

  /** A new connection: what was counted says nothing. */
  reset(): void {
    this.#fromMs = null;
    this.#fps = null;
  }

  #begin(atMs: number): void {
    this.#fromMs = atMs;
    this.#pictures = 0;
  }
}
