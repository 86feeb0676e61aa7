/** RTP data packets (RFC 3550 section 5.1): fixed header, no extension, no CSRC. */

export const RTP_HEADER_BYTES = 12;
/** Ticks per millisecond of the 90 kHz clock that RFC 6184, 7798 and 2435 all prescribe. */
export const TICKS_PER_MS = 90;

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Writes the 12 header bytes at `offset`. */
export function writeRtpHeader(target: Buffer, offset: number, header: RtpHeader): void {
  target.writeUInt8(0x80, offset);
  target.writeUInt8((header.marker ? 0x80 : 0) | header.payloadType, offset + 1);
  target.writeUInt16BE(header.sequence, offset + 2);
  target.writeUInt32BE(header.timestamp, offset + 4);
  target.writeUInt32BE(header.ssrc, offset + 8);
}
