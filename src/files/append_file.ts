import { type Disk, realDisk } from './disk.js';

/**
 * The end of a file, written so that what a full or failing disk took in part is never taken for what was kept: each write starts where the
 * durable bytes end, until a sync has confirmed it.
 */
export class AppendFile {
  readonly #file: number;
  readonly #disk: Disk;
  #durable: number;
  #written: number;

  /** `file` is open for writing; its first `bytes` bytes are durable, and what stands behind them does not count. */
  constructor(file: number, bytes: number, disk: Disk = realDisk) {
    this.#file = file;
    this.#disk = disk;
    this.#durable = bytes;
    this.#written = bytes;
  }

  /** Opens, or makes, the file. */
  static async open(path: string, bytes: number, disk: Disk = realDisk): Promise<AppendFile> {
    return new AppendFile(await disk.open(path), bytes, disk);
  }

  /** What was written, durable or not. */
  get bytes(): number {
    return this.#written;
  }

  /** Not durable before `sync`. @returns where it stands @throws what the disk says; the file then ends where it did before */
  async write(bytes: Uint8Array): Promise<number> {
    const at = this.#written;
    try {
      await this.#disk.write(this.#file, bytes, at);
    } catch (error) {
      await this.#disk.truncate(this.#file, at);
      throw error;
    }
    this.#written = at + bytes.length;
    return at;
  }

  /**
   * @throws what the disk says. Nobody knows then what of the bytes since the last sync is on it, and another sync would not tell: the
   * next write takes their place.
   */
  async sync(): Promise<void> {
    const written = this.#written;
    try {
      await this.#disk.datasync(this.#file);
    } catch (error) {
      this.#written = this.#durable;
      throw error;
    }
    this.#durable = written;
  }

  /** Durable when it resolves, as if never asked for when it rejects. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.write(bytes);
    await this.sync();
  }

  close(): Promise<void> {
    return this.#disk.close(this.#file);
  }
}
