/** Moments of the last while, per key; forgets by itself. */
export class Attempts {
  readonly #windowMs: number;
  readonly #keysMax: number;
  readonly #moments = new Map<string, number[]>();

  constructor(windowMs: number, keysMax = 10_000) {
    this.#windowMs = windowMs;
    this.#keysMax = keysMax;
  }

  /** Within the window, this moment excluded. */
  count(key: string, nowMs: number): number {
    return (this.#moments.get(key) ?? []).filter((ms) => nowMs - ms < this.#windowMs).length;
  }

  /** The oldest key makes room for a new one, so that made-up keys can not fill the memory. */
  add(key: string, nowMs: number): void {
    const recent = (this.#moments.get(key) ?? []).filter((ms) => nowMs - ms < this.#windowMs);
    this.#moments.delete(key);
    this.#moments.set(key, [...recent, nowMs]);
    const oldest = this.#moments.keys().next().value;
    if (this.#moments.size > this.#keysMax && oldest !== undefined) this.#moments.delete(oldest);
  }

  clear(key: string): void {
    this.#moments.delete(key);
  }
}
