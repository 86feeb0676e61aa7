/** RTCP as a sender needs it (RFC 3550 section 6): sender report + SDES CNAME, and BYE. */

const SENDER_REPORT = 200;
const SOURCE_DESCRIPTION = 202;
const CNAME = 1;
/** Seconds between the NTP era (1900) and the Unix epoch (1970). */
const NTP_OFFSET_SECONDS = 2_208_988_800;

export interface SenderReport {
  readonly ssrc: number;
  /** Wall clock of the camera, Unix milliseconds, at which its RTP clock reads `timestamp`. */
  readonly wallMs: number;
  readonly timestamp: number;
  readonly packetCount: number;
  readonly octetCount: number;
}

/** A compound packet: sender report, then the CNAME that RFC 3550 demands in every compound packet. */
export function senderReport(report: SenderReport, cname: string): Buffer {
  const packet = Buffer.alloc(28);
  packet.writeUInt8(0x80, 0);
  packet.writeUInt8(SENDER_REPORT, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(report.ssrc, 4);
  const [seconds, fraction] = ntpTime(report.wallMs);
  packet.writeUInt32BE(seconds, 8);
  packet.writeUInt32BE(fraction, 12);
  packet.writeUInt32BE(report.timestamp, 16);
  packet.writeUInt32BE(report.packetCount >>> 0, 20);
  packet.writeUInt32BE(report.octetCount >>> 0, 24);
  return Buffer.concat([packet, sourceDescription(report.ssrc, cname)]);
}

/** Unix milliseconds as NTP seconds and 2^-32 fractions (era 0, ends 2036). */
function ntpTime(unixMs: number): [seconds: number, fraction: number] {
  const wholeSeconds = Math.floor(unixMs / 1000);
  const fraction = Math.min(Math.round(((unixMs - wholeSeconds * 1000) / 1000) * 2 ** 32), 2 ** 32 - 1);
  return [(wholeSeconds + NTP_OFFSET_SECONDS) >>> 0, fraction];
}

function sourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname).subarray(0, 255);
  // One chunk: SSRC, the CNAME item, at least one zero octet, padded to 32 bits.
  const packet = Buffer.alloc(Math.ceil((4 + 4 + 2 + name.length + 1) / 4) * 4);
  packet.writeUInt8(0x81, 0);
  packet.writeUInt8(SOURCE_DESCRIPTION, 1);
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(CNAME, 8);
  packet.writeUInt8(name.length, 9);
  name.copy(packet, 10);
  return packet;
}
