/** At most so many of the same kind in a window; the first of the next window says how many were left out. */
export class RateLimit {
  readonly #countMax: number;
  readonly #windowMs: number;
  readonly #kinds = new Map<string, { sinceMs: number; count: number; leftOut: number }>();

  constructor(countMax: number, windowMs: number) {
    this.#countMax = countMax;
    this.#windowMs = windowMs;
  }

  ask(kind: string, nowMs: number): { readonly allowed: boolean; readonly leftOut: number } {
    const known = this.#kinds.get(kind);
    if (!known || nowMs - known.sinceMs >= this.#windowMs) {
      this.#kinds.set(kind, { sinceMs: nowMs, count: 1, leftOut: 0 });
      return { allowed: true, leftOut: known?.leftOut ?? 0 };
    }
    known.count += 1;
    if (known.count <= this.#countMax) return { allowed: true, leftOut: 0 };
    known.leftOut += 1;
    return { allowed: false, leftOut: 0 };
  }
}
