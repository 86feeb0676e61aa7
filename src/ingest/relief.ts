/** Of the frames that are decoded: a share below it that is lost is no overload. */
const lostShareMax = 0.02;
const lessByMost = 0.7;
/** The first second without loss adds a tenth, the second two tenths, and so on: what was a moment's jam is over soon. */
const moreBySecond = 0.1;
const shareMin = 0.05;

/**
 * What share of their streams the cameras of one engine decode. A frame that is decoded and then finds no slot, or comes too late, has cost
 * what would have carried another to its end: of 75 cameras on two cores 39 % of the frames found no slot once they were decoded. So while frames are
 * lost, less is decoded by their share, and more again when none is: fast down, slowly up, as a network's sender does (RFC 5681).
 */
export class Relief {
  #share = 1;
  #captured = 0;
  #lost = 0;
  #calmSeconds = 0;

  /** 0..1; see `LeadingPictures` for what it means to one camera. */
  get share(): number {
    return this.#share;
  }

  /** To be told once a second. @param captured decoded frames that were due, ever; @param lost those of them that were dropped, or nearly */
  told(captured: number, lost: number): void {
    const lostShare = (lost - this.#lost) / Math.max(1, captured - this.#captured);
    this.#captured = captured;
    this.#lost = lost;
    if (lostShare > lostShareMax) this.#less(lostShare);
    else this.#more();
  }

  #less(lostShare: number): void {
    this.#calmSeconds = 0;
    this.#share = Math.max(shareMin, this.#share * Math.max(lessByMost, 1 - lostShare));
  }

  #more(): void {
    this.#calmSeconds += 1;
    this.#share = Math.min(1, this.#share * (1 + moreBySecond * this.#calmSeconds));
  }
}
