/** The time, injected wherever policy or a test needs to decide it. */
export interface Clock {
  /** UTC, milliseconds since the epoch; may jump. */
  nowMs(): number;
  /** Milliseconds that never go back, from an arbitrary start. */
  monotonicMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    this.#monotonicMs += ms;
  }

  /** A jump of the wall clock alone, as an NTP step or a hand on the switch makes it. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }
}
