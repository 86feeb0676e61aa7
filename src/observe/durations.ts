/** How long something took, over all times so far: a histogram as plain data, so that it travels between processes. */
export interface Durations {
  readonly seconds: number;
  readonly count: number;
  /** Per bound (not cumulative), then those above the last. */
  readonly buckets: readonly number[];
}

/** Collects durations; nothing is allocated per observation. */
export class DurationClock {
  /** Upper bounds, seconds, rising; the last bucket has none. */
  readonly bounds: readonly number[];
  readonly #buckets: number[];
  #seconds = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#buckets = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    this.#seconds += seconds;
    this.#count += 1;
    let at = 0;
    while (at < this.bounds.length && seconds > (this.bounds[at] as number)) at++;
    this.#buckets[at] = (this.#buckets[at] as number) + 1;
  }

  snapshot(): Durations {
    return { seconds: this.#seconds, count: this.#count, buckets: [...this.#buckets] };
  }
}

export function addDurations(a: Durations, b: Durations): Durations {
  return {
    seconds: a.seconds + b.seconds,
    count: a.count + b.count,
    buckets: a.buckets.map((count, i) => count + (b.buckets[i] ?? 0)),
  };
}
