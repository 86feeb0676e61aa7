import { assert } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';

let nextId = 1;

/**
 * The memory frames live in: a fixed number of slots in one SharedArrayBuffer. A frame exists only while it holds a slot, so
 * in-flight work is bounded by memory that exists.
 */
export class FrameSlots {
  /** Tells buffers apart in the worker threads, which keep their views. */
  readonly id = nextId++;
  readonly layout: SlotLayout;
  readonly buffer: SharedArrayBuffer;
  readonly count: number;
  readonly #free: number[];
  readonly #held: Uint8Array;
  #tell: (() => void)[] = [];

  constructor(layout: SlotLayout, count: number) {
    assert(count > 0, 'there is at least one slot');
    this.layout = layout;
    this.count = count;
    this.buffer = new SharedArrayBuffer(layout.bytes * count);
    this.#free = Array.from({ length: count }, (_, slot) => count - 1 - slot);
    this.#held = new Uint8Array(count);
  }

  /** @returns a slot, or `null` when all are in work: the caller drops its frame and counts it. */
  acquire(): number | null {
    const slot = this.#free.pop();
    if (slot === undefined) return null;
    this.#held[slot] = 1;
    return slot;
  }

  release(slot: number): void {
    assert(this.#held[slot] === 1, `slot ${slot} is released once`);
    this.#held[slot] = 0;
    this.#free.push(slot);
    const waiting = this.#tell;
    this.#tell = [];
    for (const tell of waiting) tell();
  }

  get free(): number {
    return this.#free.length;
  }

  /** Resolves at the next release; for sources that can wait (files), never for a camera. */
  freed(): Promise<void> {
    return new Promise((resolve) => this.#tell.push(resolve));
  }

  /** The slot's bytes; see `slot_layout.ts`. */
  view(slot: number): Uint8Array {
    return new Uint8Array(this.buffer, slot * this.layout.bytes, this.layout.bytes);
  }

  get inUse(): number {
    return this.count - this.#free.length;
  }
}
