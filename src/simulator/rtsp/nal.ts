/** NAL units of H.264 and H.265: cutting a byte stream into them, and the few types the simulator tells apart. */

export type NalCodec = 'h264' | 'h265';

const H264_PARAMETER_SETS: readonly number[] = [7, 8];
const H265_PARAMETER_SETS: readonly number[] = [32, 33, 34];

function nalType(codec: NalCodec, unit: Buffer): number {
  const first = unit[0] ?? 0;
  return codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f;
}

/** SPS and PPS, and VPS for H.265. */
function isParameterSet(codec: NalCodec, unit: Buffer): boolean {
  return (codec === 'h264' ? H264_PARAMETER_SETS : H265_PARAMETER_SETS).includes(nalType(codec, unit));
}

/** A picture slice, as opposed to parameter sets, SEI and delimiters. */
export function isPicture(codec: NalCodec, unit: Buffer): boolean {
  const type = nalType(codec, unit);
  return codec === 'h264' ? type >= 1 && type <= 5 : type < 32;
}

/** Units between Annex B start codes (00 00 01 or 00 00 00 01). */
export function splitAnnexB(bytes: Buffer): Buffer[] {
  const units: Buffer[] = [];
  let start = nextStartCode(bytes, 0);
  while (start >= 0) {
    const next = nextStartCode(bytes, start + 3);
    let end = next < 0 ? bytes.length : next;
    while (end > start + 3 && bytes[end - 1] === 0) end--;
    if (end > start + 3) units.push(bytes.subarray(start + 3, end));
    start = next;
  }
  return units;
}

/** Units with a big-endian length before each, as MP4 and Matroska store them; undefined when the lengths do not fit. */
export function splitLengthPrefixed(bytes: Buffer, lengthBytes: number): Buffer[] | undefined {
  const units: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + lengthBytes > bytes.length) return undefined;
    const end = at + lengthBytes + bytes.readUIntBE(at, lengthBytes);
    if (end > bytes.length) return undefined;
    if (end > at + lengthBytes) units.push(bytes.subarray(at + lengthBytes, end));
    at = end;
  }
  return units;
}

export interface DecoderConfiguration {
  /** Bytes of each length prefix, or undefined for Annex B. */
  readonly lengthBytes: number | undefined;
  readonly parameterSets: readonly Buffer[];
}

/** Reads a container's codec configuration: avcC, hvcC (ISO/IEC 14496-15) or Annex B; undefined when it is cut short. */
export function readConfiguration(codec: NalCodec, bytes: Buffer): DecoderConfiguration | undefined {
  if (bytes.length < 7 || bytes[0] !== 1) {
    return { lengthBytes: undefined, parameterSets: splitAnnexB(bytes).filter((unit) => isParameterSet(codec, unit)) };
  }
  try {
    return codec === 'h264' ? readAvcC(bytes) : readHvcC(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readAvcC(bytes: Buffer): DecoderConfiguration {
  const sps = readUnits(bytes, 6, bytes.readUInt8(5) & 0x1f);
  const pps = readUnits(bytes, sps.end + 1, bytes.readUInt8(sps.end));
  return { lengthBytes: (bytes.readUInt8(4) & 3) + 1, parameterSets: [...sps.units, ...pps.units] };
}

function readHvcC(bytes: Buffer): DecoderConfiguration {
  const parameterSets: Buffer[] = [];
  let at = 23;
  for (let arrays = bytes.readUInt8(22); arrays > 0; arrays--) {
    const { units, end } = readUnits(bytes, at + 3, bytes.readUInt16BE(at + 1));
    parameterSets.push(...units.filter((unit) => isParameterSet('h265', unit)));
    at = end;
  }
  return { lengthBytes: (bytes.readUInt8(21) & 3) + 1, parameterSets };
}

function readUnits(bytes: Buffer, from: number, count: number): { units: Buffer[]; end: number } {
  const units: Buffer[] = [];
  let at = from;
  for (let i = 0; i < count; i++) {
    const end = at + 2 + bytes.readUInt16BE(at);
    if (end > bytes.length) throw new RangeError('a parameter set longer than its record');
    units.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return { units, end: at };
}

function nextStartCode(bytes: Buffer, from: number): number {
  return bytes.indexOf(START_CODE, from);
}

const START_CODE = Buffer.from([0, 0, 1]);
