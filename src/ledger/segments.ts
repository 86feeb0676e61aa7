import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '../limits.js';

/** One file of consecutive records, named after the first: `segment-000000000001.jsonl`. */
export interface Segment {
  readonly file: string;
  readonly firstSeq: number;
}

const namePattern = /^segment-(\d{12})\.jsonl$/;

export function segmentPath(folder: string, firstSeq: number): string {
  return join(folder, `segment-${String(firstSeq).padStart(12, '0')}.jsonl`);
}

export function segmentsOf(folder: string): Segment[] {
  const names = readdirSync(folder).filter((name) => namePattern.test(name));
  return names.sort().map((name) => ({ file: join(folder, name), firstSeq: Number(namePattern.exec(name)?.[1]) }));
}

/**
 * The complete lines of a file as views into a buffer that is reused (copy what you keep), without line feed.
 * @returns the bytes after the last line feed, if any.
 */
export function* linesOf(file: string): Generator<{ line: Buffer; offset: number }, { rest: Buffer; offset: number }> {
  const descriptor = openSync(file, 'r');
  try {
    let held = Buffer.alloc(0);
    let offset = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(limits.ledger.readBytes);
      const count = readSync(descriptor, chunk, 0, chunk.length, offset + held.length);
      if (count === 0) return { rest: held, offset };
      const bytes = held.length === 0 ? chunk.subarray(0, count) : Buffer.concat([held, chunk.subarray(0, count)]);
      let start = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
        yield { line: bytes.subarray(start, end), offset: offset + start };
        start = end + 1;
      }
      offset += start;
      held = bytes.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}
