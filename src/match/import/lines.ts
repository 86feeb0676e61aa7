/** A line of a file, or the fact that one was too long to be kept. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end; `null`: longer than the cap, its bytes were let go of. */
  readonly bytes: Buffer | null;
}

/** Cuts a stream of bytes into lines. Holds one line at most, and never more than `lineBytesMax` bytes of it. */
export class LineSplitter {
  readonly #lineBytesMax: number;
  readonly #each: (line: Line) => void;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #number = 0;

  constructor(lineBytesMax: number, each: (line: Line) => void) {
    this.#lineBytesMax = lineBytesMax;
    this.#each = each;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#finish(chunk.subarray(from, end));
      from = end + 1;
    }
    if (from < chunk.length) this.#keep(Buffer.from(chunk.subarray(from)));
  }

  /** The last line may lack its end. */
  end(): void {
    if (this.#keptBytes > 0) this.#finish(Buffer.alloc(0));
  }

  #keep(part: Buffer): void {
    this.#keptBytes += part.length;
    if (this.#keptBytes <= this.#lineBytesMax) this.#kept.push(part);
    else this.#kept = [];
  }

  #finish(last: Buffer): void {
    const bytes = this.#keptBytes + last.length;
    const line = this.#kept.length === 0 ? last : Buffer.concat([...this.#kept, last]);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#number += 1;
    if (bytes > this.#lineBytesMax) this.#each({ number: this.#number, bytes: null });
    else this.#each({ number: this.#number, bytes: line.at(-1) === 13 ? line.subarray(0, -1) : line });
  }
}
