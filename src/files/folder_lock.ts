import { linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';

/**
 * One process per folder. The lock is a listening Unix socket in the folder: the kernel ends it with the process, however
 * that dies, and unlike a file with a process number it also holds between containers that share the volume.
 */
export interface FolderLock {
  release(): void;
}

const socketPathBytesMax = 100;

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((peer) => peer.destroy());
    server.once('error', reject);
    server.listen(path, () => resolve(server.unref()));
  });
}

function somebodyListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const peer = connect(path);
    peer.once('connect', () => {
      peer.destroy();
      resolve(true);
    });
    peer.once('error', () => resolve(false));
  });
}

function claim(mine: string, lock: string): boolean {
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's socket out of the way, unless somebody else has just done so and taken the lock. */
function removeStale(lock: string, inode: number): void {
  const aside = `${lock}.${process.pid}.stale`;
  try {
    renameSync(lock, aside);
    if (statSync(aside).ino !== inode) claim(aside, lock);
    rmSync(aside, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** @returns the lock, or one sentence that says who is in the way. */
export async function lockFolder(folder: string): Promise<Result<FolderLock, string>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, 'lock');
  const mine = join(folder, `lock.${process.pid}`);
  if (Buffer.byteLength(mine) > socketPathBytesMax)
    return fail(`${folder}: the path is too long for a lock; use a shorter one`);
  rmSync(mine, { force: true });
  const server = await listen(mine);
  const release = () => {
    server.close();
    rmSync(lock, { force: true });
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (claim(mine, lock)) {
      rmSync(mine, { force: true });
      return ok({ release });
    }
    const inode = statSync(lock, { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && (await somebodyListens(lock))) break;
    if (inode !== undefined) removeStale(lock, inode);
  }
  server.close();
  rmSync(mine, { force: true });
  return fail(`${folder}: another process uses this folder; stop it first`);
}
