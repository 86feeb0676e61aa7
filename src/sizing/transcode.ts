import { AV_PIX_FMT_RGBA, AVMEDIA_TYPE_VIDEO, type AVPixelFormat, SWS_BILINEAR } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';
import { type ClipFormat, openClip } from '../simulator/scenes/encode_clip.js';

/**
 * Writes a clip's pictures again at another size, speed or codec.
 * @param change what to do to each picture (RGBA) before it is written, e.g. to show it as a camera that has slipped would
 * @throws one line when the source cannot be read.
 */
export function transcode(
  source: string,
  target: string,
  format: ClipFormat,
  change: (rgba: Uint8ClampedArray) => void = () => {},
): void {
  const writer = openClip(target, { ...format, preset: 'veryfast' });
  const rgba = new Uint8ClampedArray(format.width * format.height * 4);
  const out = Buffer.from(rgba.buffer);
  let scaler: SoftwareScaleContext | null = null;
  eachPicture(source, (frame) => {
    scaler ??= scalerFor(frame, format);
    const planes = frame.data;
    if (!planes) throw new Error('broken invariant: a decoded picture has planes');
    scaler.scaleSync(planes, frame.linesize, 0, frame.height, [out], [format.width * 4]);
    change(rgba);
    writer.write(rgba);
  });
  writer.close();
  (scaler as SoftwareScaleContext | null)?.freeContext();
}

function scalerFor(frame: Frame, { width, height }: ClipFormat): SoftwareScaleContext {
  const scaler = new SoftwareScaleContext();
  const from = frame.format as AVPixelFormat;
  scaler.getContext(frame.width, frame.height, from, width, height, AV_PIX_FMT_RGBA, SWS_BILINEAR);
  return scaler;
}

/** Decodes a file, one picture after the other; each is valid until `onPicture` returns. */
export function eachPicture(file: string, onPicture: (frame: Frame) => void): void {
  const input = new FormatContext();
  FFmpegError.throwIfError(input.openInputSync(file), `open ${file}`);
  const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)];
  if (!stream) throw new Error(`${file}: no video in it`);
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  FFmpegError.throwIfError(decoder.open2Sync(codec), 'open the decoder');
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  const drain = () => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      onPicture(frame);
      frame.unref();
    }
  };
  while (input.readFrameSync(packet) >= 0) {
    if (packet.streamIndex === stream.index) decoder.sendPacketSync(packet);
    packet.unref();
    drain();
  }
  decoder.sendPacketSync(null);
  drain();
  frame.free();
  packet.free();
  decoder.freeContext();
  input.closeInputSync();
}
