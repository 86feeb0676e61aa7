/** Challenges given out and not answered yet: one for each user, good once and for a few minutes. */
export class Challenges {
  readonly #lifeMs: number;
  readonly #waitingMax: number;
  readonly #waiting = new Map<string, { challenge: string; untilMs: number }>();

  constructor(lifeMs: number, waitingMax = 10_000) {
    this.#lifeMs = lifeMs;
    this.#waitingMax = waitingMax;
  }

  /** The oldest makes room, so that made-up names can not fill the memory. */
  give(userId: string, challenge: string, nowMs: number): void {
    this.#waiting.delete(userId);
    this.#waiting.set(userId, { challenge, untilMs: nowMs + this.#lifeMs });
    const oldest = this.#waiting.keys().next().value;
    if (this.#waiting.size > this.#waitingMax && oldest !== undefined) this.#waiting.delete(oldest);
  }

  /** @returns the user's challenge, which is gone then. */
  take(userId: string, nowMs: number): string | null {
    const given = this.#waiting.get(userId);
    this.#waiting.delete(userId);
    return given !== undefined && nowMs < given.untilMs ? given.challenge : null;
  }
}
