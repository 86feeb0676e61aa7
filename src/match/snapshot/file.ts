import { hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { fail, ok, type Result } from '../../data/result.js';
import { replaceFileSync } from '../../files/whole_file.js';
import { type SnapshotHeader, snapshotHeader } from './header.js';

/**
 * A snapshot on disk: a line that names the format, the header as one line of JSON, its Ed25519 signature (base64) as another, zeros up to
 * a multiple of 64 bytes, the body. The header holds the body's SHA-256, so the signature covers every byte that is used.
 */
const formatLine = 'platestream hot list 1\n';
const headBytesMax = 1 << 20;

export type Sign = (text: string) => string;
export type IsSigned = (text: string, signature: string) => boolean;

/** What is kept and sent around: a head that proves itself and the body it speaks of. */
export interface Sealed {
  /** Format line, header and signature, padded. */
  readonly head: Buffer;
  readonly header: SnapshotHeader;
  readonly body: SharedArrayBuffer;
}

export function seal(built: { header: SnapshotHeader; body: SharedArrayBuffer }, sign: Sign): Sealed {
  const json = JSON.stringify(built.header);
  const text = `${formatLine}${json}\n${sign(json)}\n`;
  const bytes = Buffer.byteLength(text);
  const head = Buffer.alloc(Math.ceil(bytes / 64) * 64);
  head.write(text);
  return { ...built, head };
}

/** @returns the header a head carries, its signature checked, and where the body starts; or what is wrong with it. */
export function openHead(
  bytes: Buffer,
  isSigned: IsSigned,
): Result<{ header: SnapshotHeader; bodyAt: number }, string> {
  const lineEnd = bytes.indexOf(10, formatLine.length);
  const signatureEnd = bytes.indexOf(10, lineEnd + 1);
  if (bytes.toString('latin1', 0, formatLine.length) !== formatLine || lineEnd < 0 || signatureEnd < 0)
    return fail('not a hot-list snapshot');
  const json = bytes.toString('utf8', formatLine.length, lineEnd);
  const signature = bytes.toString('latin1', lineEnd + 1, signatureEnd);
  const isCanonical = Buffer.from(signature, 'base64').toString('base64') === signature;
  if (!isCanonical || !isSigned(json, signature))
    return fail('its signature is not that of the key this system trusts');
  const header = snapshotHeader.safeParse(JSON.parse(json));
  if (!header.success) return fail(`its header is not valid: ${header.error.issues[0]?.path.join('.')}`);
  return ok({ header: header.data, bodyAt: Math.ceil((signatureEnd + 1) / 64) * 64 });
}

export function isWhole(header: SnapshotHeader, body: SharedArrayBuffer): boolean {
  return body.byteLength === header.bodyBytes && hash('sha256', new Uint8Array(body), 'hex') === header.bodySha256;
}

/** Durable under its name or not there at all. */
export function writeSnapshot(file: string, { head, body }: Sealed): void {
  replaceFileSync(file, head, new Uint8Array(body));
}

/** Reads, and believes nothing that is not signed. @returns the snapshot's parts, or why it is refused. */
export function readSnapshot(file: string, isSigned: IsSigned): Result<Sealed, string> {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(headBytesMax);
    const head = start.subarray(0, readSync(handle, start, 0, headBytesMax, 0));
    const opened = openHead(head, isSigned);
    if (!opened.ok) return opened;
    const { header, bodyAt } = opened.value;
    const body = new SharedArrayBuffer(header.bodyBytes);
    const view = new Uint8Array(body);
    let at = 0;
    for (let read = 1; read > 0 && at < view.length; at += read)
      read = readSync(handle, view, at, view.length - at, bodyAt + at);
    if (!isWhole(header, body)) return fail('its bytes are not those that were signed');
    return ok({ header, body, head: Buffer.from(head.subarray(0, bodyAt)) });
  } finally {
    closeSync(handle);
  }
}
