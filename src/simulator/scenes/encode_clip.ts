import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_LOG_QUIET,
  AV_OPT_SEARCH_CHILDREN,
  AV_OPT_TYPE_DOUBLE,
  AV_OPT_TYPE_STRING,
  AV_PIX_FMT_RGBA,
  AV_PIX_FMT_YUV420P,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  SWS_BILINEAR,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  FFmpegError,
  FormatContext,
  Frame,
  Log,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';

/** Writes frames into an H.264 or H.265 MP4 file. One thread and fixed settings: the same frames give the same file. */
export interface ClipWriter {
  write(rgba: Uint8ClampedArray): void;
  /** Ends the file; nothing may be written afterwards. */
  close(): void;
}

export interface ClipFormat {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** The encoder's constant rate factor: lower is larger and better. */
  readonly crf: number;
  readonly codec?: 'h264' | 'h265';
  /** How long the encoder looks for a smaller file; `slow` for files that are kept. */
  readonly preset?: 'slow' | 'veryfast';
  /** Frames in a row that refer to later ones, as some cameras send; nothing refers to these. */
  readonly bFrames?: number;
}

/** Opens `path` for writing; an existing file is replaced. */
export function openClip(path: string, format: ClipFormat): ClipWriter {
  Log.setLevel(AV_LOG_QUIET);
  const encoder = openEncoder(format);
  const output = new FormatContext();
  check(output.allocOutputContext2(null, 'mp4', path), 'make the container');
  const stream = output.newStream(null);
  stream.timeBase = encoder.timeBase;
  check(stream.codecpar.fromContext(encoder), 'describe the stream');
  check(output.openOutputSync(), `open ${path}`);
  check(output.writeHeaderSync(), 'write the header');
  const scaler = makeScaler(format);
  const packet = new Packet();
  packet.alloc();
  let frames = 0n;

  function drain(): void {
    while (encoder.receivePacketSync(packet) >= 0) {
      packet.streamIndex = stream.index;
      packet.duration = 1n;
      packet.rescaleTs(encoder.timeBase, stream.timeBase);
      check(output.interleavedWriteFrameSync(packet), 'write a packet');
      packet.unref();
    }
  }

  return {
    write(rgba) {
      const picture = toYuv(scaler, rgba, format);
      picture.pts = frames;
      frames += 1n;
      check(encoder.sendFrameSync(picture), 'encode a frame');
      picture.free();
      drain();
    },
    close() {
      check(encoder.sendFrameSync(null), 'end the stream');
      drain();
      check(output.writeTrailerSync(), 'write the trailer');
      output.closeOutputSync();
      output.freeContext();
      packet.free();
      scaler.freeContext();
      encoder.freeContext();
    },
  };
}

function check(code: number, what: string): void {
  FFmpegError.throwIfError(code, what);
}

function openEncoder(format: ClipFormat): CodecContext {
  const { width, height, fps, crf, codec: name = 'h264', preset = 'slow', bFrames = 0 } = format;
  const codec = Codec.findEncoderByName(name === 'h264' ? FF_ENCODER_LIBX264 : FF_ENCODER_LIBX265);
  if (!codec) throw new Error(`this build of FFmpeg has no encoder for ${name}; clips cannot be rendered`);
  const encoder = new CodecContext();
  encoder.allocContext3(codec);
  encoder.width = width;
  encoder.height = height;
  encoder.pixelFormat = AV_PIX_FMT_YUV420P;
  encoder.timeBase = new Rational(1, fps);
  encoder.framerate = new Rational(fps, 1);
  encoder.gopSize = fps * 4;
  encoder.maxBFrames = bFrames;
  encoder.threadCount = 1;
  encoder.flags = (encoder.flags | AV_CODEC_FLAG_GLOBAL_HEADER) as typeof encoder.flags;
  // Options are set one by one: a Dictionary given to open2Sync is freed twice (node-av 6.1.1) and ends the process later.
  check(encoder.setOption('preset', preset, AV_OPT_TYPE_STRING, AV_OPT_SEARCH_CHILDREN), 'set the preset');
  check(encoder.setOption('crf', crf, AV_OPT_TYPE_DOUBLE, AV_OPT_SEARCH_CHILDREN), 'set the quality');
  if (name === 'h265')
    check(
      encoder.setOption(
        'x265-params',
        'log-level=none:pools=1:frame-threads=1',
        AV_OPT_TYPE_STRING,
        AV_OPT_SEARCH_CHILDREN,
      ),
      'set the encoder options',
    );
  check(encoder.open2Sync(codec), 'open the encoder');
  return encoder;
}

function makeScaler({ width, height }: ClipFormat): SoftwareScaleContext {
  const scaler = new SoftwareScaleContext();
  scaler.getContext(width, height, AV_PIX_FMT_RGBA, width, height, AV_PIX_FMT_YUV420P, SWS_BILINEAR);
  return scaler;
}

function toYuv(scaler: SoftwareScaleContext, rgba: Uint8ClampedArray, { width, height }: ClipFormat): Frame {
  const bytes = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.byteLength);
  const source = Frame.fromVideoBuffer(bytes, { width, height, format: AV_PIX_FMT_RGBA });
  const target = new Frame();
  target.alloc();
  target.width = width;
  target.height = height;
  target.format = AV_PIX_FMT_YUV420P;
  check(target.getBuffer(), 'allocate a frame');
  check(scaler.scaleFrameSync(target, source), 'convert a frame');
  source.free();
  return target;
}
