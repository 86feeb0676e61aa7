import {
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_LOG_QUIET,
  AVMEDIA_TYPE_VIDEO,
  Log as AvLog,
  FormatContext,
  Packet,
} from 'node-av';
import { type NalCodec, readConfiguration, splitAnnexB, splitLengthPrefixed } from './nal.js';
import { packetiseH264 } from './packetise_h264.js';
import { packetiseH265 } from './packetise_h265.js';
import { SIMULATOR } from './settings.js';

AvLog.setLevel(AV_LOG_QUIET);

/** One picture of a clip, cut into RTP payloads once and sent to every client of every camera that plays it. */
interface AccessUnit {
  readonly atMs: number;
  readonly key: boolean;
  readonly payloads: readonly Buffer[];
}

export interface Clip {
  readonly codec: NalCodec;
  readonly width: number;
  readonly height: number;
  readonly parameterSets: readonly Buffer[];
  readonly units: readonly AccessUnit[];
  /** Length of one pass; the next begins right after it. */
  readonly durationMs: number;
}

/** Reads a video file (H.264 or H.265) into access units, without decoding. @throws one line that says what is wrong. */
export async function loadClip(file: string): Promise<Clip> {
  const format = new FormatContext();
  if ((await format.openInput(file)) < 0) throw new Error(`${file}: not a readable video file`);
  try {
    await format.findStreamInfo();
    const stream = format.streams.find((s) => s.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    if (!stream) throw new Error(`${file}: no video in it`);
    const { codecId, width, height, extradata } = stream.codecpar;
    const codec = codecId === AV_CODEC_ID_H264 ? 'h264' : codecId === AV_CODEC_ID_HEVC ? 'h265' : null;
    if (!codec) throw new Error(`${file}: neither H.264 nor H.265`);
    const configuration = readConfiguration(codec, extradata ?? Buffer.alloc(0));
    if (!configuration) throw new Error(`${file}: its codec configuration is cut short`);
    const msPerTick = (stream.timeBase.num * 1000) / stream.timeBase.den;
    const units = await readUnits(format, stream.index, codec, configuration, msPerTick, file);
    const last = units.at(-1)?.atMs ?? 0;
    const stepMs = units.length > 1 ? last / (units.length - 1) : 40;
    return { codec, width, height, parameterSets: configuration.parameterSets, units, durationMs: last + stepMs };
  } finally {
    await format.closeInput();
  }
}

async function readUnits(
  format: FormatContext,
  streamIndex: number,
  codec: NalCodec,
  configuration: { readonly lengthBytes: number | undefined; readonly parameterSets: readonly Buffer[] },
  msPerTick: number,
  file: string,
): Promise<AccessUnit[]> {
  const packetise = codec === 'h264' ? packetiseH264 : packetiseH265;
  const packet = new Packet();
  packet.alloc();
  const units: AccessUnit[] = [];
  let firstMs: number | null = null;
  let bytes = 0;
  while ((await format.readFrame(packet)) >= 0) {
    if (packet.streamIndex === streamIndex && packet.data) {
      const body = Buffer.from(packet.data);
      const { lengthBytes, parameterSets } = configuration;
      const nals = lengthBytes === undefined ? splitAnnexB(body) : splitLengthPrefixed(body, lengthBytes);
      if (!nals) throw new Error(`${file}: a frame is cut short`);
      bytes += body.length;
      if (bytes > SIMULATOR.clipBytesMax) throw new Error(`${file}: larger than ${SIMULATOR.clipBytesMax} bytes`);
      const ptsMs = Number(packet.pts) * msPerTick;
      firstMs ??= ptsMs;
      // A client may join at any key frame: the parameter sets go before it.
      const whole = packet.isKeyframe ? [...parameterSets, ...nals] : nals;
      units.push({ atMs: ptsMs - firstMs, key: packet.isKeyframe, payloads: packetise(whole, SIMULATOR.payloadBytes) });
    }
    packet.unref();
  }
  packet.free();
  if (units.length === 0) throw new Error(`${file}: no frame in it`);
  return units;
}
