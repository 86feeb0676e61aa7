import { dirname } from 'node:path';
import { type Disk, realDisk } from './disk.js';

/**
 * Other bytes under a name: at every moment, also after a cut, the name stands for the old bytes as a whole or for the new ones. Durable when
 * it resolves; when it rejects, the old ones stay and nothing else is left behind.
 */
export async function replaceFile(path: string, bytes: string | Uint8Array, disk: Disk = realDisk): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeWhole(part, typeof bytes === 'string' ? Buffer.from(bytes) : bytes, disk);
    await disk.rename(part, path);
  } catch (error) {
    await disk.remove(part).catch(() => undefined);
    throw error;
  }
  await disk.syncFolder(dirname(path));
}

async function writeWhole(path: string, bytes: Uint8Array, disk: Disk): Promise<void> {
  const file = await disk.open(path);
  try {
    // A process that was cut off here may have left more than there is to write now.
    await disk.truncate(file, 0);
    await disk.write(file, bytes, 0);
    await disk.datasync(file);
  } finally {
    await disk.close(file);
  }
}
