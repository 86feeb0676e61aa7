import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from './data/result.js';

/** One control process a data directory: a file names the holder; a holder that no longer lives is no holder. */
export function lockDataDir(dataDir: string): Result<{ readonly release: () => void }, string> {
  const file = join(dataDir, 'control.pid');
  const held = ok({ release: () => rmSync(file, { force: true }) });
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return held;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') return fail(unwritable(dataDir, code));
  }
  const holder = Number(readFileSync(file, 'utf8'));
  if (isAlive(holder))
    return fail(`data directory ${dataDir}: in use by process ${holder}; stop it or choose another dataDir`);
  try {
    writeFileSync(file, String(process.pid));
    return held;
  } catch (error) {
    return fail(unwritable(dataDir, (error as NodeJS.ErrnoException).code));
  }
}

const causes: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  ENOSPC: 'its disk is full',
  EACCES: 'this user may not',
  // Node says so, too, where a folder can not be made because the file system is read-only.
  ENOENT: 'its parent folder is missing or read-only',
};

function unwritable(dataDir: string, code: string | undefined): string {
  return `data directory ${dataDir}: cannot be written: ${causes[code ?? ''] ?? code} (${code})`;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
