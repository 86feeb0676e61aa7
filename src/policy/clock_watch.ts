import type { Clock } from '../observe/clock.js';

/** Whether the wall clock can be believed: it has jumped when it leaves the monotonic one, until a person confirms it [IV.F.1]. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #jumpMs: number;
  #since: { readonly wallMs: number; readonly monotonicMs: number };
  #doubtful: boolean;

  /** @param latestMs time of the last record: a clock behind it was set back while the program was down. */
  constructor(clock: Clock, jumpMs: number, latestMs: number) {
    this.#clock = clock;
    this.#jumpMs = jumpMs;
    this.#since = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
    this.#doubtful = latestMs - clock.nowMs() > jumpMs;
  }

  get doubtful(): boolean {
    const elapsedMs = this.#clock.monotonicMs() - this.#since.monotonicMs;
    const jumpedMs = this.#clock.nowMs() - this.#since.wallMs - elapsedMs;
    if (Math.abs(jumpedMs) > this.#jumpMs) this.#doubtful = true;
    return this.#doubtful;
  }

  confirm(): void {
    this.#doubtful = false;
    this.#since = { wallMs: this.#clock.nowMs(), monotonicMs: this.#clock.monotonicMs() };
  }
}
