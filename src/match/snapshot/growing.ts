/** A column that grows by doubling; 32-bit numbers. */
export class GrowingColumn {
  #values = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const more = new Uint32Array(this.length * 2);
      more.set(this.#values);
      this.#values = more;
    }
    this.#values[this.length++] = value;
  }

  values(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}

/** Texts, each kept once and known by its number; number 0 is the empty text. */
export class TextTable {
  readonly #numbers = new Map<string, number>([['', 0]]);
  readonly #offsets = new GrowingColumn();
  #bytes = Buffer.alloc(4096);
  #length = 0;

  constructor() {
    this.#offsets.push(0);
    this.#offsets.push(0);
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(text, number);
    const size = Buffer.byteLength(text);
    if (this.#length + size > this.#bytes.length) {
      const more = Buffer.alloc((this.#length + size) * 2);
      this.#bytes.copy(more, 0, 0, this.#length);
      this.#bytes = more;
    }
    this.#length += this.#bytes.write(text, this.#length);
    this.#offsets.push(this.#length);
    return number;
  }

  textOf(number: number): string {
    const offsets = this.#offsets.values();
    return this.#bytes.toString('utf8', offsets[number], offsets[number + 1]);
  }

  /** Offset of each text's end, led by 0 for the first one's start: text `n` is bytes `offsets[n]` to `offsets[n + 1]`. */
  offsets(): Uint32Array {
    return this.#offsets.values();
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }
}
