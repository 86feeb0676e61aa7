/** What has been opened, to be closed in the opposite order, whether the start succeeded or not. */
export class Closers {
  readonly #work: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.#work.push(close);
  }

  async closeAll(): Promise<void> {
    for (let close = this.#work.pop(); close !== undefined; close = this.#work.pop()) await close();
  }
}
