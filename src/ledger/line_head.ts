import { hash } from 'node:crypto';
import { hashTailBytes } from './record.js';

/** The fixed fields at both ends of a record's line, read without parsing the JSON between them. */
export interface LineHead {
  readonly seq: number;
  readonly prevHash: string;
  readonly utc: string;
  readonly action: string;
  readonly ref: number | null;
  readonly hash: string;
}

const headPattern =
  /^\{"seq":([1-9]\d{0,14}),"prev_hash":"([0-9a-f]{64})","ts_utc":"([0-9TZ:.-]{24})","action":"([a-z0-9_.]{1,64})",(?:"ref":(\d+),)?/;
const tailPattern = /^,"hash":"([0-9a-f]{64})"\}$/;
const headBytesMax = 280;

/** @returns the head, or `null` where the bytes are not a record's line. */
export function readHead(line: Buffer): LineHead | null {
  const head = headPattern.exec(line.toString('latin1', 0, headBytesMax));
  const tail = tailPattern.exec(line.toString('latin1', Math.max(0, line.length - hashTailBytes)));
  if (head === null || tail === null) return null;
  const [, seq, prevHash, utc, action, ref] = head;
  return {
    seq: Number(seq),
    prevHash: prevHash as string,
    utc: utc as string,
    action: action as string,
    ref: ref === undefined ? null : Number(ref),
    hash: tail[1] as string,
  };
}

export function digestOf(line: Buffer): string {
  return hash('sha256', line.subarray(0, line.length - hashTailBytes), 'hex');
}
