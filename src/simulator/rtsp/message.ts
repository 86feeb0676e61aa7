/**
 * RTSP 1.0 messages (RFC 2326): requests, responses and the `$` frames interleaved between them.
 * Both directions read with the same reader, so a test client needs no second parser.
 */
import { SIMULATOR } from './settings.js';

/** A request or response; `headers` keep their order and may repeat. */
export interface RtspMessage {
  readonly startLine: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What a byte stream holds: messages, interleaved packets, or the first thing that is neither (nothing follows it). */
export type StreamUnit =
  | { readonly kind: 'message'; readonly message: RtspMessage }
  | { readonly kind: 'interleaved'; readonly channel: number; readonly packet: Buffer }
  | { readonly kind: 'malformed'; readonly reason: string };

export interface RtspRequest {
  readonly method: string;
  readonly url: string;
  readonly message: RtspMessage;
}

const DOLLAR = 0x24;
const HEAD_END = '\r\n\r\n';

/** First value of a header, case-insensitive by name. */
export function header(message: RtspMessage, name: string): string | undefined {
  const wanted = name.toLowerCase();
  return message.headers.find(([candidate]) => candidate.toLowerCase() === wanted)?.[1];
}

/** Bytes of a message. Content-Length is written for every body and must not be among `headers`. */
export function formatMessage(message: RtspMessage): Buffer {
  const length: [string, string][] = message.body.length > 0 ? [['Content-Length', `${message.body.length}`]] : [];
  const lines = [...message.headers, ...length].map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${message.startLine}\r\n${lines.join('')}\r\n`), message.body]);
}

/** The request of a message, or undefined when its start line is no RTSP/1.x request line. */
export function asRequest(message: RtspMessage): RtspRequest | undefined {
  const match = /^([A-Z_]+) (\S+) RTSP\/1\.\d$/.exec(message.startLine);
  return match?.[1] && match[2] ? { method: match[1], url: match[2], message } : undefined;
}

/** Cuts a byte stream into units, whatever the chunk borders. Holds at most one message of bounded length. */
export class MessageReader {
  private pending: Buffer = Buffer.alloc(0);
  private broken = false;

  push(chunk: Buffer): StreamUnit[] {
    this.pending = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    const units: StreamUnit[] = [];
    while (!this.broken) {
      const unit = this.next();
      if (!unit) break;
      units.push(unit);
    }
    return units;
  }

  private next(): StreamUnit | undefined {
    this.skipBlankLines();
    if (this.pending.length === 0) return undefined;
    return this.pending[0] === DOLLAR ? this.nextInterleaved() : this.nextMessage();
  }

  private skipBlankLines(): void {
    let at = 0;
    while (this.pending[at] === 0x0d || this.pending[at] === 0x0a) at++;
    this.pending = this.pending.subarray(at);
  }

  private nextInterleaved(): StreamUnit | undefined {
    if (this.pending.length < 4) return undefined;
    const end = 4 + this.pending.readUInt16BE(2);
    if (this.pending.length < end) return undefined;
    const channel = this.pending.readUInt8(1);
    return { kind: 'interleaved', channel, packet: this.take(end).subarray(4) };
  }

  private nextMessage(): StreamUnit | undefined {
    const headEnd = this.pending.indexOf(HEAD_END);
    if (headEnd < 0 || headEnd > SIMULATOR.headerBytesMax) {
      const tooLong = this.pending.length > SIMULATOR.headerBytesMax;
      return tooLong ? this.malformed(`headers longer than ${SIMULATOR.headerBytesMax} bytes`) : undefined;
    }
    const head = parseHead(this.pending.toString('utf8', 0, headEnd));
    if (typeof head === 'string') return this.malformed(head);
    const bodyStart = headEnd + HEAD_END.length;
    if (this.pending.length < bodyStart + head.bodyLength) return undefined;
    const body = this.take(bodyStart + head.bodyLength).subarray(bodyStart);
    return { kind: 'message', message: { startLine: head.startLine, headers: head.headers, body } };
  }

  private take(length: number): Buffer {
    const taken = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    return taken;
  }

  private malformed(reason: string): StreamUnit {
    this.broken = true;
    this.pending = Buffer.alloc(0);
    return { kind: 'malformed', reason };
  }
}

interface Head {
  readonly startLine: string;
  readonly headers: [string, string][];
  readonly bodyLength: number;
}

/** Start line and headers, Content-Length taken out; a string is the reason why it is none. */
function parseHead(text: string): Head | string {
  const [startLine = '', ...lines] = text.split('\r\n');
  if (!/^(RTSP\/1\.\d \d{3}|[A-Z_]+ \S+ RTSP\/1\.\d$)/.test(startLine)) return 'no RTSP/1.0 start line';
  const headers: [string, string][] = [];
  let bodyLength = 0;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return 'a header line without a name';
    const name = line.slice(0, colon).trim();
    const value = line.slice(colon + 1).trim();
    if (name.toLowerCase() === 'content-length') {
      if (!/^\d{1,9}$/.test(value)) return 'Content-Length is no number';
      bodyLength = Number(value);
    } else {
      headers.push([name, value]);
    }
  }
  if (bodyLength > SIMULATOR.bodyBytesMax) return `body longer than ${SIMULATOR.bodyBytesMax} bytes`;
  return { startLine, headers, bodyLength };
}
