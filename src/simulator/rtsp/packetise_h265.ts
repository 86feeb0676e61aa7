/** RFC 7798 without DONL: single NAL units, aggregation packets for what is small, fragmentation units for what is large. */
import { aggregate } from './aggregate.js';
import { isPicture } from './nal.js';

const AGGREGATION = 48;
const FRAGMENTATION = 49;

/** RTP payloads of one access unit, none longer than `payloadBytes`. */
export function packetiseH265(units: readonly Buffer[], payloadBytes: number): Buffer[] {
  const groups = aggregate(units, (unit) => isPicture('h265', unit), payloadBytes, 2);
  return groups.flatMap((group) => {
    const [unit] = group;
    if (group.length > 1) return [aggregationPacket(group)];
    if (!unit) return [];
    return unit.length <= payloadBytes ? [unit] : fragments(unit, payloadBytes);
  });
}

/** Payload header: forbidden bit 0, the lowest layer and temporal id of the units inside (section 4.4.2). */
function aggregationPacket(units: readonly Buffer[]): Buffer {
  const layer = Math.min(...units.map((unit) => (((unit[0] ?? 0) & 1) << 5) | ((unit[1] ?? 0) >> 3)));
  const temporal = Math.min(...units.map((unit) => (unit[1] ?? 0) & 7));
  const parts = units.flatMap((unit) => [Buffer.from([unit.length >> 8, unit.length & 0xff]), unit]);
  return Buffer.concat([Buffer.from([(AGGREGATION << 1) | (layer >> 5), ((layer & 31) << 3) | temporal]), ...parts]);
}

function fragments(unit: Buffer, payloadBytes: number): Buffer[] {
  const [first = 0, second = 0] = unit;
  const type = (first >> 1) & 0x3f;
  const chunkBytes = payloadBytes - 3;
  const payloads: Buffer[] = [];
  for (let at = 2; at < unit.length; at += chunkBytes) {
    const end = Math.min(at + chunkBytes, unit.length);
    const startEnd = (at === 2 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
    const head = Buffer.from([(first & 0x81) | (FRAGMENTATION << 1), second, startEnd | type]);
    payloads.push(Buffer.concat([head, unit.subarray(at, end)]));
  }
  return payloads;
}
