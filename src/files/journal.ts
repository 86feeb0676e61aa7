import { closeSync, constants, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { limits } from '../limits.js';
import { AppendFile } from './append_file.js';
import { type Disk, realDisk } from './disk.js';
import { replaceFileSync, syncFolderSync } from './whole_file.js';

/**
 * An append-only file of JSON lines, each led by its CRC-32. Entries that wait together share one line, one write and one sync, so a line
 * that a crash cut short holds only entries that nobody was told of.
 */
export interface Journal<Entry> {
  /** Resolves once the entry is on the disk, in the order of the calls; rejects only when the journal is closed first. */
  append(entry: Entry): Promise<void>;
  /** Resolves once everything appended so far is on the disk. */
  settled(): Promise<void>;
  /** Entries that wait for the disk, and why when it fails; `null` while it works. */
  readonly waiting: number;
  readonly problem: string | null;
  /** Tries what waits once more; what still fails is given up, and was never acknowledged. */
  close(): Promise<void>;
}

export interface JournalOptions {
  readonly disk?: Disk;
  /** Pause after a disk has failed. */
  readonly writeAgainMs?: number;
}

/**
 * Opens a journal and hands over what it holds. A last line that was cut short by a crash was never acknowledged and is
 * removed; damage elsewhere is refused.
 */
export function openJournal<Entry>(
  file: string,
  onEntry: (entry: Entry) => void,
  options: JournalOptions = {},
): Journal<Entry> {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const bytes = replay(file, readFileSync(handle, 'utf8'), onEntry);
    ftruncateSync(handle, bytes);
    fsyncSync(handle);
    syncFolderSync(dirname(file));
    return new GroupJournal(file, new AppendFile(handle, bytes, options.disk ?? realDisk), options);
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

/** A new journal in the place of an older one: durable as a whole, or the older one stays. */
export function replaceJournal<Entry>(file: string, entries: readonly Entry[]): void {
  mkdirSync(dirname(file), { recursive: true });
  replaceFileSync(file, lineOf(entries));
}

/** @returns how many bytes are whole lines. */
function replay<Entry>(file: string, content: string, onEntry: (entry: Entry) => void): number {
  let wholeBytes = 0;
  const lines = content.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) break;
    const body = line.slice(9);
    if (index === lines.length - 1 || line.slice(0, 8) !== checksum(body)) {
      if (index >= lines.length - 2) break;
      throw new Error(`${file}: line ${index + 1} is damaged; restore the file from a copy`);
    }
    // A line of an older version is one entry.
    for (const entry of [JSON.parse(body)].flat() as Entry[]) onEntry(entry);
    wholeBytes += Buffer.byteLength(line) + 1;
  }
  return wholeBytes;
}

interface Waiting {
  readonly json: string;
  readonly done: () => void;
  readonly lost: (error: Error) => void;
}

/** A disk that fails loses nothing: what waits is held, in its order, and written again until the disk takes it. */
class GroupJournal<Entry> implements Journal<Entry> {
  readonly #path: string;
  readonly #file: AppendFile;
  readonly #writeAgainMs: number;
  #waiting: Waiting[] = [];
  #committing: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  #problem: string | null = null;
  #closing = false;
  #wake: () => void = () => {};

  constructor(path: string, file: AppendFile, { writeAgainMs }: JournalOptions) {
    this.#path = path;
    this.#file = file;
    this.#writeAgainMs = writeAgainMs ?? limits.alert.writeAgainMs;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get problem(): string | null {
    return this.#problem;
  }

  append(entry: Entry): Promise<void> {
    if (this.#closing) return Promise.reject(new Error(`${this.#path} is closed`));
    this.#last = new Promise((done, lost) => {
      this.#waiting.push({ json: JSON.stringify(entry), done, lost });
    });
    this.#pump();
    return this.#last;
  }

  settled(): Promise<void> {
    return this.#last;
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    while (this.#committing !== null) await this.#committing;
    await this.#file.close();
  }

  #pump(): void {
    this.#committing ??= this.#commit().finally(() => {
      this.#committing = null;
      if (this.#waiting.length > 0) this.#pump();
    });
  }

  async #commit(): Promise<void> {
    // What else is appended in this turn joins.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, limits.alert.batchMax);
      const line = Buffer.from(lineOfJson(batch.map(({ json }) => json)));
      if (await this.#isDurable(line)) {
        this.#waiting.splice(0, batch.length);
        for (const { done } of batch) done();
      } else if (this.#closing) {
        const error = new Error(this.#problem ?? '');
        for (const { lost } of this.#waiting.splice(0)) lost(error);
      } else {
        await this.#pause();
      }
    }
  }

  async #isDurable(line: Buffer): Promise<boolean> {
    try {
      await this.#file.append(line);
      this.#problem = null;
      return true;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      this.#problem = `writing to ${this.#path} fails with ${code ?? message}`;
      return false;
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#writeAgainMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function lineOf(entries: readonly unknown[]): string {
  return lineOfJson(entries.map((entry) => JSON.stringify(entry)));
}

function lineOfJson(entries: readonly string[]): string {
  const body = `[${entries.join(',')}]`;
  return `${checksum(body)} ${body}\n`;
}

const checksum = (body: string) => crc32(body).toString(16).padStart(8, '0');
