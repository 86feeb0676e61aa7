/**
 * Whether a live camera that has fallen behind leaves packets undecoded. A hiccup is caught up with by decoding alone; who is still twice as
 * late as allowed after a while, or late at all after a long while, gives up what waits, and goes on with the first key frame that is fresh.
 */
export class CatchUp {
  readonly #lateAfterMs: number;
  #lateSinceMs: number | null = null;
  #skipping = false;

  constructor(lateAfterMs: number) {
    this.#lateAfterMs = lateAfterMs;
  }

  /** @param nowMs on a clock that never goes back */
  skips(lateMs: number, isKey: boolean, nowMs: number): boolean {
    const isLate = lateMs > this.#lateAfterMs;
    if (!isLate) this.#lateSinceMs = null;
    else this.#lateSinceMs ??= nowMs;
    if (this.#skipping) this.#skipping = isLate || !isKey;
    else if (this.#lateSinceMs !== null)
      this.#skipping = nowMs - this.#lateSinceMs > this.#lateAfterMs * (lateMs > 2 * this.#lateAfterMs ? 1 : 4);
    return this.#skipping;
  }
}
