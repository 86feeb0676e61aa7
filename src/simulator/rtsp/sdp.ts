import type { Clip } from './clip.js';

export const PAYLOAD_TYPE = 96;

/** The session description of a clip (RFC 4566; fmtp per RFC 6184 section 8 and RFC 7798 section 7). */
export function describeClip(clip: Clip, wrong: boolean): string {
  const h264 = clip.codec === 'h264';
  const name = wrong ? 'XVID-UNKNOWN' : h264 ? 'H264' : 'H265';
  return `${[
    'v=0',
    'o=- 0 0 IN IP4 127.0.0.1',
    's=platestream camera-sim',
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    `m=video 0 RTP/AVP ${PAYLOAD_TYPE}`,
    `a=rtpmap:${PAYLOAD_TYPE} ${name}/90000`,
    `a=fmtp:${PAYLOAD_TYPE} ${h264 ? h264Parameters(clip) : h265Parameters(clip)}`,
    'a=control:track0',
  ].join('\r\n')}\r\n`;
}

const base64 = (units: readonly Buffer[]) => units.map((unit) => unit.toString('base64')).join(',');

function h264Parameters({ parameterSets }: Clip): string {
  const profile = parameterSets[0]?.subarray(1, 4).toString('hex') ?? '42e01f';
  return `packetization-mode=1;profile-level-id=${profile};sprop-parameter-sets=${base64(parameterSets)}`;
}

function h265Parameters({ parameterSets }: Clip): string {
  const ofType = (type: number) => base64(parameterSets.filter((unit) => (((unit[0] ?? 0) >> 1) & 0x3f) === type));
  return `sprop-vps=${ofType(32)};sprop-sps=${ofType(33)};sprop-pps=${ofType(34)}`;
}
