import { crc32 } from 'node:zlib';

/** What a batch's file holds, whole groups only. */
export interface SpoolContent {
  readonly rows: number;
  /** The lines as the store takes them. */
  readonly body: Buffer;
  /** Groups whose checksum was wrong (a bad disk); their lines are left out, counted. */
  readonly damagedGroups: number;
}

/** Lines and their checksum, as they are written and synced together. */
export function groupOf(lines: readonly string[]): Buffer {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  return Buffer.concat([text, Buffer.from(`#${crc32(text).toString(16).padStart(8, '0')}\n`)]);
}

/** Whole groups only, as the bytes they are: text is made of them only where it is asked for. A JSON line never begins with `#`. */
export function parseGroups(content: Buffer): SpoolContent {
  const groups: Buffer[] = [];
  let rows = 0;
  let rowsInGroup = 0;
  let damagedGroups = 0;
  let start = 0;
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(10, at);
    if (end < 0) break;
    if (content[at] === 35) {
      const group = content.subarray(start, at);
      if (crc32(group) === Number.parseInt(content.toString('latin1', at + 1, end), 16)) {
        groups.push(group);
        rows += rowsInGroup;
      } else {
        damagedGroups += 1;
      }
      start = end + 1;
      rowsInGroup = 0;
    } else {
      rowsInGroup += 1;
    }
    at = end + 1;
  }
  return { rows, body: Buffer.concat(groups), damagedGroups };
}
