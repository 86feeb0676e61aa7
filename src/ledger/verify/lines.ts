import { closeSync, openSync, readSync } from 'node:fs';

const readBytes = 4 << 20;

/** Lines of a file, without line feed; each is valid until the one after the next is asked for. */
export class Lines {
  readonly #file: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;
  #position = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
  }

  get restBytes(): number {
    return this.#bytes.length - this.#start;
  }

  next(): Buffer | null {
    for (;;) {
      const end = this.#bytes.indexOf(10, this.#start);
      if (end >= 0) {
        const line = this.#bytes.subarray(this.#start, end);
        this.#start = end + 1;
        return line;
      }
      if (!this.#fill()) return null;
    }
  }

  #fill(): boolean {
    const chunk = Buffer.allocUnsafe(readBytes);
    const count = readSync(this.#file, chunk, 0, readBytes, this.#position);
    this.#position += count;
    this.#bytes = Buffer.concat([this.#bytes.subarray(this.#start), chunk.subarray(0, count)]);
    this.#start = 0;
    return count > 0;
  }

  close(): void {
    closeSync(this.#file);
  }
}
