import { hashA, hashB, hashC } from './plate_hash.js';

const blockBits = 512;
const wordsPerBlock = blockBits / 32;
const bitsPerEntry = 16;

/**
 * A blocked Bloom filter (Putze, Sanders, Singler 2007) over packed plates: all nine bits of a plate lie in one 512-bit block, so a
 * look-up touches one cache line. Two bytes an entry; by the Poisson model of a block's load it wrongly claims 0.083 % of the
 * plates it does not hold. Its "no" is certain, its "maybe" must be confirmed. It lives in shared memory and allocates nothing.
 */
export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #blocks: number;

  /** @param words a filter's memory, zeroed or filled before; see {@link bloomBytes}. */
  constructor(words: Uint32Array) {
    this.#words = words;
    this.#blocks = words.length / wordsPerBlock;
  }

  add(first: number, rest: number): void {
    const a = hashA(first, rest);
    const b = hashB(first, rest);
    const base = this.#base(a);
    this.#put(base, b);
    this.#put(base, hashC(a, b));
    this.#put(base, hashC(b, a));
  }

  mayHave(first: number, rest: number): boolean {
    const a = hashA(first, rest);
    const b = hashB(first, rest);
    const base = this.#base(a);
    return this.#has(base, b) && this.#has(base, hashC(a, b)) && this.#has(base, hashC(b, a));
  }

  #base(hash: number): number {
    return Math.floor((hash / 0x1_0000_0000) * this.#blocks) * wordsPerBlock;
  }

  #put(base: number, bits: number): void {
    this.#set(base, bits & 511);
    this.#set(base, (bits >>> 9) & 511);
    this.#set(base, (bits >>> 18) & 511);
  }

  #set(base: number, bit: number): void {
    const word = base + (bit >>> 5);
    this.#words[word] = (this.#words[word] as number) | (1 << (bit & 31));
  }

  /** Three bits of one hash. */
  #has(base: number, bits: number): boolean {
    const words = this.#words;
    return (
      (((words[base + ((bits >>> 5) & 15)] as number) >>> (bits & 31)) &
        ((words[base + ((bits >>> 14) & 15)] as number) >>> ((bits >>> 9) & 31)) &
        ((words[base + ((bits >>> 23) & 15)] as number) >>> ((bits >>> 18) & 31)) &
        1) ===
      1
    );
  }
}

/** Memory of a filter for so many entries, bytes: two an entry, rounded up to a whole block. */
export function bloomBytes(entries: number): number {
  return Math.max(1, Math.ceil((entries * bitsPerEntry) / blockBits)) * (blockBits / 8);
}
