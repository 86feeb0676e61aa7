import { closeSync, fdatasyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

/** An append-only file of JSON lines, each led by its CRC-32; a line is on the disk before `append` returns. */
export interface Journal<Entry> {
  append(entry: Entry): void;
  close(): void;
}

/**
 * Opens a journal and hands over what it holds. A last line that was cut short by a crash was never acknowledged and is
 * removed; damage elsewhere is refused.
 */
export function openJournal<Entry>(file: string, onEntry: (entry: Entry) => void): Journal<Entry> {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a+');
  const content = readFileSync(file, 'utf8');
  let wholeBytes = 0;
  const lines = content.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '' && index === lines.length - 1) break;
    const body = line.slice(9);
    if (index === lines.length - 1 || line.slice(0, 8) !== checksum(body)) {
      if (index >= lines.length - 2) break;
      closeSync(handle);
      throw new Error(`${file}: line ${index + 1} is damaged; restore the file from a copy`);
    }
    onEntry(JSON.parse(body) as Entry);
    wholeBytes += Buffer.byteLength(line) + 1;
  }
  ftruncateSync(handle, wholeBytes);
  return {
    append(entry) {
      const body = JSON.stringify(entry);
      writeSync(handle, `${checksum(body)} ${body}\n`);
      fdatasyncSync(handle);
    },
    close: () => closeSync(handle),
  };
}

const checksum = (body: string) => crc32(body).toString(16).padStart(8, '0');
