import { close, constants, fdatasync, ftruncate, open, write } from 'node:fs';
import { promisify } from 'node:util';

/**
 * The five things the ledger asks of a disk, so that a test can make any of them fail. `write` writes all bytes or rejects;
 * nothing is durable before `datasync` has resolved, and after a rejected `datasync` nothing can be known.
 */
export interface Disk {
  open(path: string): Promise<number>;
  write(file: number, bytes: Uint8Array, position: number): Promise<void>;
  datasync(file: number): Promise<void>;
  truncate(file: number, lengthBytes: number): Promise<void>;
  syncFolder(path: string): Promise<void>;
  close(file: number): Promise<void>;
}

const openFile = promisify(open);
const writeFile = promisify(write);
const truncateFile = promisify(ftruncate);
const datasyncFile = promisify(fdatasync);
const closeFile = promisify(close);

async function writeAll(file: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await writeFile(file, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  await datasyncFile(folder).finally(() => closeFile(folder));
}

/** Readable and writable by the owner only. */
export const realDisk: Disk = {
  open: (path) => openFile(path, constants.O_RDWR | constants.O_CREAT, 0o600),
  write: writeAll,
  datasync: (file) => datasyncFile(file),
  truncate: (file, lengthBytes) => truncateFile(file, lengthBytes),
  syncFolder,
  close: (file) => closeFile(file),
};
