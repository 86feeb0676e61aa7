import { assert } from '../data/result.js';
import { slotLayout } from '../data/slot_layout.js';
import { FrameSlots } from './frame_slots.js';
import type { DecodedFrame } from './video_source.js';

/** The next decoded picture for somebody who asked for it, in the only slot of slots of its own, so that looking takes none from reading. */
export class Preview {
  readonly #detectorInput: { readonly width: number; readonly height: number };
  #show: ((slots: FrameSlots | null) => void) | null = null;
  #slots: FrameSlots | null = null;

  constructor(detectorInput: { readonly width: number; readonly height: number }) {
    this.#detectorInput = detectorInput;
  }

  /** Whoever asks releases slot 0 and asks again only then. */
  ask(): Promise<FrameSlots | null> {
    return new Promise((resolve) => {
      this.#show = resolve;
    });
  }

  saw(picture: DecodedFrame): void {
    if (this.#show !== null) this.#answer(this.#fill(picture));
  }

  /** No picture is to be had. */
  refuse(): void {
    this.#answer(null);
  }

  #answer(slots: FrameSlots | null): void {
    this.#show?.(slots);
    this.#show = null;
  }

  #fill(picture: DecodedFrame): FrameSlots {
    const { width, height } = picture.size;
    if (this.#slots?.layout.width !== width || this.#slots.layout.height !== height)
      this.#slots = new FrameSlots(slotLayout(width, height, this.#detectorInput), 1);
    const slot = this.#slots.acquire();
    assert(slot !== null, 'who asks for a preview has released the one before');
    picture.copyTo(this.#slots.view(slot), this.#slots.layout);
    return this.#slots;
  }
}
