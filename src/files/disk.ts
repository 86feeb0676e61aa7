import { close, constants, fdatasync, ftruncate, open, rename, rm, write } from 'node:fs';
import { promisify } from 'node:util';

/**
 * What durable files ask of a disk, so that a test can make any of it fail. `write` writes all bytes or rejects; nothing is durable before
 * `datasync` has resolved, and after a rejected `datasync` nothing can be known of what was written since the one before.
 */
export interface Disk {
  open(path: string): Promise<number>;
  write(file: number, bytes: Uint8Array, position: number): Promise<void>;
  datasync(file: number): Promise<void>;
  truncate(file: number, lengthBytes: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes the names in a folder as durable as the files they stand for. */
  syncFolder(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  close(file: number): Promise<void>;
}

const openFile = promisify(open);
const writeSome = promisify(write);
const closeFile = promisify(close);
const datasync: (file: number) => Promise<void> = promisify(fdatasync);

/** A full disk takes a part and says nothing. */
async function writeAll(file: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await writeSome(file, bytes, done, bytes.length - done, position + done)).bytesWritten;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await openFile(path, 'r');
  await datasync(folder).finally(() => closeFile(folder));
}

/** New files are readable and writable by the owner only. */
export const realDisk: Disk = {
  open: (path) => openFile(path, constants.O_RDWR | constants.O_CREAT, 0o600),
  write: writeAll,
  datasync,
  truncate: promisify(ftruncate),
  rename: promisify(rename),
  syncFolder,
  remove: (path) => promisify(rm)(path, { force: true }),
  close: (file) => closeFile(file),
};
