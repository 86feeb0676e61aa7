import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const headerBytes = 16;

/**
 * Whether an MP4 or QuickTime file ends within one of its top-level boxes (ISO/IEC 14496-12, 4.2). FFmpeg plays what is there and ends as if
 * that were all. Other containers do not say how long they are.
 */
export function isCutShort(file: string): boolean {
  if (!/\.(mp4|m4v|mov)$/i.test(file)) return false;
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    let at = 0;
    while (at < size) {
      const length = boxLength(handle, at);
      if (length === null) return false;
      at += length;
    }
    return at > size;
  } finally {
    closeSync(handle);
  }
}

/** @returns `null` for what is no box, and for one that goes to the end of the file. */
function boxLength(handle: number, at: number): number | null {
  const header = Buffer.alloc(headerBytes);
  const read = readSync(handle, header, 0, headerBytes, at);
  if (read < 8) return null;
  const length = header.readUInt32BE(0);
  if (length === 1) return read < headerBytes ? null : Number(header.readBigUInt64BE(8));
  return length < 8 ? null : length;
}
