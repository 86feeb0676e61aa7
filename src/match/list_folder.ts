import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { appendLine } from '../files/append_line.js';
import { replaceFileSync } from '../files/whole_file.js';
import { limits } from '../limits.js';
import type { ImportReport } from './import/report.js';
import { type Sealed, writeSnapshot } from './snapshot/file.js';

/**
 * The hot list on disk:
 *
 *     list-<version>.snapshot   the list in force; a predecessor is deleted as soon as its successor is durable
 *     imports.jsonl             what every import came to, without line numbers
 *     rejects/<source>.json     the last report of each source, with them
 *     removed.json              entries that must not match until a later list names them
 *     import.lock               who is importing: the server or the command
 */
export class ListFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    mkdirSync(join(path, 'rejects'), { recursive: true, mode: 0o700 });
  }

  /** The newest version there is; `null` before the first import. */
  current(): { readonly version: number; readonly file: string } | null {
    const newest = Math.max(0, ...this.#versions());
    return newest === 0 ? null : { version: newest, file: this.#fileOf(newest) };
  }

  #versions(): number[] {
    return readdirSync(this.path).flatMap((name) => {
      const found = /^list-(\d{1,9})\.snapshot$/.exec(name);
      return found ? [Number(found[1])] : [];
    });
  }

  #fileOf(version: number): string {
    return join(this.path, `list-${version}.snapshot`);
  }

  publish(sealed: Sealed): void {
    const { version } = sealed.header;
    writeSnapshot(this.#fileOf(version), sealed);
    for (const older of this.#versions()) if (older < version) rmSync(this.#fileOf(older), { force: true });
  }

  async record(report: ImportReport): Promise<void> {
    const { rejects, ...told } = report;
    await appendLine(join(this.path, 'imports.jsonl'), JSON.stringify(told));
    replaceFileSync(join(this.path, 'rejects', `${report.source}.json`), JSON.stringify(report));
  }

  /** Every import, oldest first, without its rejected lines. A line cut short by a crash is no report. */
  imports(): Omit<ImportReport, 'rejects'>[] {
    return readIf(join(this.path, 'imports.jsonl'))
      .split('\n')
      .flatMap((line) => parsed<ImportReport>(line) ?? []);
  }

  lastReport(source: string): ImportReport | null {
    return parsed<ImportReport>(readIf(join(this.path, 'rejects', `${source}.json`)));
  }

  removed(): Readonly<Record<string, number>> {
    return parsed<Record<string, number>>(readIf(this.#removedFile)) ?? {};
  }

  remove(entryId: string, atMs: number): void {
    replaceFileSync(this.#removedFile, JSON.stringify({ ...this.removed(), [entryId]: atMs }));
  }

  get #removedFile(): string {
    return join(this.path, 'removed.json');
  }

  /** One importer at a time: the server, or the command; the next one waits. @returns how to let go. */
  async lock(): Promise<Result<() => void, string>> {
    const deadline = performance.now() + limits.hotList.lockWaitMs;
    for (;;) {
      const lock = this.#tryLock();
      if (lock.ok || performance.now() > deadline) return lock;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** At a start nothing of this process is importing: a lock in its name is from a former life with the same number. */
  breakOwnLock(): void {
    const file = join(this.path, 'import.lock');
    if (Number(readIf(file) || 0) === process.pid) rmSync(file, { force: true });
  }

  /** A holder that no longer lives is no holder. */
  #tryLock(): Result<() => void, string> {
    const file = join(this.path, 'import.lock');
    const holder = Number(readIf(file) || 0);
    if (holder > 0 && isAlive(holder)) return fail(`process ${holder} is importing; try again when it is done`);
    rmSync(file, { force: true });
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
    } catch {
      return fail('another process is importing; try again when it is done');
    }
    return ok(() => rmSync(file, { force: true }));
  }
}

function readIf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function parsed<Value>(text: string): Value | null {
  try {
    return text === '' ? null : (JSON.parse(text) as Value);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The file that a source's path stands for now: itself, or the newest in a folder (signatures and hidden files aside). */
export function newestFile(
  path: string,
): { readonly file: string; readonly mtimeMs: number; readonly size: number } | null {
  if (!existsSync(path)) return null;
  const about = (file: string) => {
    const { mtimeMs, size } = statSync(file);
    return { file, mtimeMs, size };
  };
  if (!statSync(path).isDirectory()) return about(path);
  const files = readdirSync(path, { withFileTypes: true })
    .filter((one) => one.isFile() && !/^\.|\.(sig|part|tmp)$/.test(one.name))
    .map((one) => about(join(path, one.name)));
  return files.sort((a, b) => b.mtimeMs - a.mtimeMs || (a.file < b.file ? 1 : -1))[0] ?? null;
}
