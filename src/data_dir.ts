import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from './data/result.js';
import { lockFolder } from './files/folder_lock.js';

/**
 * One control process a data directory. The kernel drops the lock with the process, however that ends; the file with its number only tells
 * people who it is, and a number that now belongs to somebody else keeps nobody out.
 */
export async function lockDataDir(dataDir: string): Promise<Result<{ readonly release: () => void }, string>> {
  const file = join(dataDir, 'control.pid');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const lock = await lockFolder(dataDir);
    if (!lock.ok && !lock.error.includes('another process')) return lock;
    if (!lock.ok)
      return fail(`data directory ${dataDir}: in use by ${holderIn(file)}; stop it or choose another dataDir`);
    const release = () => {
      rmSync(file, { force: true });
      lock.value.release();
    };
    try {
      writeFileSync(file, String(process.pid));
    } catch (error) {
      release();
      throw error;
    }
    return ok({ release });
  } catch (error) {
    return fail(unwritable(dataDir, (error as NodeJS.ErrnoException).code));
  }
}

/** It may have the lock and not yet have written who it is. */
function holderIn(file: string): string {
  try {
    return `process ${Number(readFileSync(file, 'utf8')) || '?'}`;
  } catch {
    return 'another process';
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
