/** RFC 6184, packetization-mode 1: single NAL units, STAP-A for what is small, FU-A for what is large. */
import { aggregate } from './aggregate.js';
import { isPicture } from './nal.js';

const STAP_A = 24;
const FU_A = 28;

/** RTP payloads of one access unit, none longer than `payloadBytes`. */
export function packetiseH264(units: readonly Buffer[], payloadBytes: number): Buffer[] {
  const groups = aggregate(units, (unit) => isPicture('h264', unit), payloadBytes, 1);
  return groups.flatMap((group) => {
    const [unit] = group;
    if (group.length > 1) return [stapA(group)];
    if (!unit) return [];
    return unit.length <= payloadBytes ? [unit] : fuA(unit, payloadBytes);
  });
}

function stapA(units: readonly Buffer[]): Buffer {
  const forbidden = units.reduce((bit, unit) => bit | ((unit[0] ?? 0) & 0x80), 0);
  const importance = Math.max(...units.map((unit) => (unit[0] ?? 0) & 0x60));
  const parts = units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
  return Buffer.concat([Buffer.from([forbidden | importance | STAP_A]), ...parts]);
}

function fuA(unit: Buffer, payloadBytes: number): Buffer[] {
  const first = unit[0] ?? 0;
  const chunkBytes = payloadBytes - 2;
  const payloads: Buffer[] = [];
  for (let at = 1; at < unit.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, unit.length);
    const startEnd = (at === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
    payloads.push(
      Buffer.concat([Buffer.from([(first & 0xe0) | FU_A, startEnd | (first & 0x1f)]), unit.subarray(at, end)]),
    );
  }
  return payloads;
}
