/** A camera with fewer key frames would be blind for too long: it is decoded whole. */
const groupMsMax = 10_000;
/** Shorter groups, down to streams of key frames alone, are decoded whole or not at all. */
const groupMsMin = 300;

/**
 * Which packets of a stream are decoded when only a share of it is to be. A picture in the middle of a group cannot be left out alone, since
 * those after it refer to it; but the end of a group can. So each group of pictures is decoded from its key frame on for its share of the
 * time: vehicles that are longer in sight than a group lasts are still seen, in pictures that follow each other.
 */
export class LeadingPictures {
  #keyAtMs: number | null = null;
  #groupMs: number | null = null;
  #skipping = false;
  #credit = 0;

  /** Asked once for each packet, in order. @param streamMs its own time; `null`: it has none, and is decoded */
  leavesOut(streamMs: number | null, isKey: boolean, share: number): boolean {
    if (streamMs === null) return false;
    if (isKey) this.#begin(streamMs, share);
    else if (share < 1 && this.#isOver(streamMs, share)) this.#skipping = true;
    return this.#skipping;
  }

  #begin(streamMs: number, share: number): void {
    const lastedMs = this.#keyAtMs === null ? 0 : streamMs - this.#keyAtMs;
    this.#groupMs = lastedMs > 0 && lastedMs <= groupMsMax ? lastedMs : null;
    this.#keyAtMs = streamMs;
    this.#credit = Math.min(1, this.#credit + share);
    this.#skipping = share < 1 && this.#groupMs !== null && this.#groupMs < groupMsMin && this.#credit < 1;
    if (!this.#skipping) this.#credit = Math.max(0, this.#credit - 1);
  }

  #isOver(streamMs: number, share: number): boolean {
    return this.#groupMs !== null && this.#keyAtMs !== null && streamMs - this.#keyAtMs >= share * this.#groupMs;
  }
}
