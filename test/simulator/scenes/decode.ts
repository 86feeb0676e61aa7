import { AV_LOG_ERROR, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, FormatContext, Frame, Log, Packet } from 'node-av/lib';

/** The brightness of one decoded frame: `luma` is one byte a pixel, row by row. */
export interface LumaFrame {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
}

/** Decodes a clip with the same library as the cameras and hands over each frame's brightness. */
export function decodeLuma(path: string, onFrame: (frame: LumaFrame, index: number) => void): number {
  Log.setLevel(AV_LOG_ERROR);
  const input = new FormatContext();
  FFmpegError.throwIfError(input.openInputSync(path), `open ${path}`);
  const stream = input.streams[input.findBestStream(AVMEDIA_TYPE_VIDEO)]!;
  const decoder = new CodecContext();
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  FFmpegError.throwIfError(decoder.open2Sync(codec), 'open the decoder');
  const packet = new Packet();
  packet.alloc();
  const frame = new Frame();
  frame.alloc();
  let frames = 0;
  const drain = () => {
    while (decoder.receiveFrameSync(frame) >= 0) {
      onFrame({ width: frame.width, height: frame.height, luma: lumaPlane(frame) }, frames);
      frames += 1;
      frame.unref();
    }
  };
  while (input.readFrameSync(packet) >= 0) {
    FFmpegError.throwIfError(decoder.sendPacketSync(packet), 'decode');
    packet.unref();
    drain();
  }
  decoder.sendPacketSync(null);
  drain();
  frame.free();
  packet.free();
  decoder.freeContext();
  input.closeInputSync();
  return frames;
}

function lumaPlane(frame: Frame): Uint8Array {
  const plane = frame.data![0]!;
  const stride = frame.linesize[0]!;
  const luma = new Uint8Array(frame.width * frame.height);
  for (let y = 0; y < frame.height; y += 1) {
    luma.set(plane.subarray(y * stride, y * stride + frame.width), y * frame.width);
  }
  return luma;
}

/** Standard deviation of the brightness inside a box, edges left out. */
export function contrast(frame: LumaFrame, box: readonly [number, number, number, number]): number {
  const [x, y, width, height] = box;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let row = Math.ceil(y + height * 0.2); row < y + height * 0.8; row += 1) {
    for (let column = Math.ceil(x + width * 0.06); column < x + width * 0.94; column += 1) {
      const value = frame.luma[row * frame.width + column]!;
      count += 1;
      sum += value;
      squares += value * value;
    }
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
