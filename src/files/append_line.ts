import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppendFile } from './append_file.js';
import { realDisk } from './disk.js';

/**
 * One more line of a file that is written seldom, durable when it resolves. Whoever was cut off in the middle of one leaves it on a line of its
 * own, and readers pass it over.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { bytes, isOpen } = await endOf(path);
  const file = await AppendFile.open(path, bytes);
  await file.append(Buffer.from(`${isOpen ? '\n' : ''}${line}\n`)).finally(() => file.close());
  if (bytes === 0) await realDisk.syncFolder(dirname(path));
}

/** How long the file is, and whether its last line has no end. */
async function endOf(path: string): Promise<{ bytes: number; isOpen: boolean }> {
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    return { bytes: size, isOpen: size > 0 && last[0] !== 10 };
  } finally {
    await file.close();
  }
}
