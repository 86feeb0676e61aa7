/**
 * A blocked Bloom filter (Putze, Sanders, Singler 2007) over plate texts: all bits of a plate lie in one 512-bit block, so a
 * look-up touches one cache line. Its answer "no" is certain; "maybe" must be confirmed against the list. It lives in shared memory.
 */
export class BloomFilter {
  static readonly bitsPerEntry = 16;
  static readonly #bitsPerPlate = 7;
  readonly buffer: SharedArrayBuffer;
  readonly #words: Uint32Array;
  readonly #blocks: number;

  constructor(entries: number) {
    this.#blocks = Math.max(1, Math.ceil((entries * BloomFilter.bitsPerEntry) / 512));
    this.buffer = new SharedArrayBuffer(this.#blocks * 64);
    this.#words = new Uint32Array(this.buffer);
  }

  add(plate: string): void {
    const [first, second] = hash(plate);
    const block = (first % this.#blocks) * 16;
    for (let i = 0, bits = second; i < BloomFilter.#bitsPerPlate; i++) {
      const bit = (bits >>> 3) & 511;
      this.#words[block + (bit >>> 5)] = (this.#words[block + (bit >>> 5)] as number) | (1 << (bit & 31));
      bits = (Math.imul(bits, 0x9e3779b1) + first) >>> 0;
    }
  }

  mayHave(plate: string): boolean {
    const [first, second] = hash(plate);
    const block = (first % this.#blocks) * 16;
    for (let i = 0, bits = second; i < BloomFilter.#bitsPerPlate; i++) {
      const bit = (bits >>> 3) & 511;
      if (((this.#words[block + (bit >>> 5)] as number) & (1 << (bit & 31))) === 0) return false;
      bits = (Math.imul(bits, 0x9e3779b1) + first) >>> 0;
    }
    return true;
  }
}

/** Two 32-bit hashes (FNV-1a with different offsets, finished as in MurmurHash3). */
function hash(plate: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x01000193;
  for (let i = 0; i < plate.length; i++) {
    const code = plate.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b);
  }
  return [finish(a), finish(b)];
}

function finish(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
