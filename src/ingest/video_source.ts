import { readFileSync } from 'node:fs';
import {
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AV_PKT_DATA_PRFT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_VIDEO,
  type AVPixelFormat,
  Frame as AvFrame,
  Log as AvLog,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
  SoftwareScaleContext,
  SWS_FAST_BILINEAR,
} from 'node-av';
import type { CaptureClock } from '../data/frame.js';
import { fail, ok, type Result } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { limits } from '../limits.js';
import type { Luma } from './motion.js';
import type { CameraSettings } from './settings.js';

/** One decoded picture, valid until the next `next()`. */
export interface DecodedFrame {
  readonly luma: Luma;
  readonly capturedAtMs: number;
  readonly captureClock: CaptureClock;
  /** Copies the picture into a slot (I420 and the detector's thumb); see `slot_layout.ts`. */
  copyTo(slot: Uint8Array, layout: SlotLayout): void;
}

/** `lost`: try again; `unusable`: a file that will not become one by waiting. */
export type SourceEnd = { readonly ended: 'end_of_file' | 'lost' | 'unusable'; readonly reason: string };

/** An open stream. `next` resolves with a picture, or with why there is none any more. */
export interface VideoSource {
  next(): Promise<DecodedFrame | SourceEnd>;
  /** Skips decoding of frames nothing refers to, while there is too much to do. */
  setSkipping(skip: boolean): void;
  close(): Promise<void>;
}

// FFmpeg's own messages name addresses, with credentials; reasons are ours to word.
AvLog.setLevel(AV_LOG_QUIET);

/** A network stream is tried again for ever; a file that cannot be opened is not. */
export const isStream = (url: string) => /^rtsps?:/i.test(url);

/** FFmpeg's words for an error code, without the URL (it may hold credentials). */
function words(code: number): string {
  return new FFmpegError(code).message.replace(/[a-z]+:\/\/\S+/gi, '<url>').slice(0, 200);
}

function addressOf(settings: CameraSettings): Result<string, string> {
  if (!isStream(settings.url) || settings.username === undefined) return ok(settings.url);
  let password = '';
  if (settings.passwordFile !== undefined) {
    try {
      password = readFileSync(settings.passwordFile, 'utf8').trim();
    } catch (error) {
      return fail(`password file cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
  }
  const url = new URL(settings.url);
  url.username = encodeURIComponent(settings.username);
  url.password = encodeURIComponent(password);
  return ok(url.href);
}

function openOptions(settings: CameraSettings): Dictionary {
  if (!isStream(settings.url)) return Dictionary.fromObject({});
  return Dictionary.fromObject({
    rtsp_transport: settings.transport,
    timeout: String(settings.readTimeoutMs * 1000),
    // Frames matter only fresh: no reordering queue beyond what UDP needs, no long probing.
    max_delay: '300000',
    reorder_queue_size: settings.transport === 'udp' ? '64' : '0',
    analyzeduration: '2000000',
    probesize: '1000000',
  });
}

/**
 * Opens an RTSP stream (TCP or UDP, Basic or Digest, RTSPS) or a video file with FFmpeg's libraries in this process, decoding on
 * libuv's threads. Failure is a reason in words, without address or credentials.
 */
export async function openVideoSource(settings: CameraSettings): Promise<Result<VideoSource, string>> {
  const address = addressOf(settings);
  if (!address.ok) return address;
  const format = new FormatContext();
  format.allocContext();
  let expired = false;
  const watchdog = setTimeout(() => {
    expired = true;
    format.interrupt();
  }, settings.connectTimeoutMs);
  try {
    const opened = await format.openInput(address.value, null, openOptions(settings));
    if (opened < 0) return fail(expired ? 'connecting timed out' : words(opened));
    const probed = await format.findStreamInfo();
    const stream = format.streams?.find((s) => s.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
    if (expired || probed < 0 || !stream) {
      await format.closeInput();
      return fail(
        expired ? 'no picture within the connect timeout' : probed < 0 ? words(probed) : 'no video stream in it',
      );
    }
    return await startDecoding(format, stream.index, settings);
  } finally {
    clearTimeout(watchdog);
  }
}

async function startDecoding(
  format: FormatContext,
  streamIndex: number,
  settings: CameraSettings,
): Promise<Result<VideoSource, string>> {
  const stream = format.streams[streamIndex];
  const codec = stream && Codec.findDecoder(stream.codecpar.codecId);
  if (!stream || !codec) {
    await format.closeInput();
    return fail('its codec is not known');
  }
  const { width, height } = stream.codecpar;
  if (width * height > limits.ingest.framePixelsMax || Math.max(width, height) > limits.ingest.frameSideMax) {
    await format.closeInput();
    return fail(`frames of ${width}x${height} are larger than the limit`);
  }
  const decoder = new CodecContext();
  decoder.allocContext3(codec);
  decoder.parametersToContext(stream.codecpar);
  decoder.threadCount = 1;
  const opened = await decoder.open2(codec, null);
  if (opened < 0) {
    decoder.freeContext();
    await format.closeInput();
    return fail(words(opened));
  }
  return ok(new Decoding(format, decoder, streamIndex, settings));
}

class Decoding implements VideoSource {
  readonly #format: FormatContext;
  readonly #decoder: CodecContext;
  readonly #streamIndex: number;
  readonly #settings: CameraSettings;
  readonly #packet = new Packet();
  readonly #frame = new AvFrame();
  readonly #scaler = new Scaler();
  readonly #msPerTick: number;
  #wallMinusPtsMs: number | null = null;
  #clock: CaptureClock;
  #draining = false;
  #pending: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(format: FormatContext, decoder: CodecContext, streamIndex: number, settings: CameraSettings) {
    this.#format = format;
    this.#decoder = decoder;
    this.#streamIndex = streamIndex;
    this.#settings = settings;
    this.#clock = isStream(settings.url) ? 'receive' : 'file';
    this.#packet.alloc();
    this.#frame.alloc();
    const base = format.streams[streamIndex]?.timeBase ?? { num: 1, den: 1000 };
    this.#msPerTick = (base.num * 1000) / base.den;
  }

  async next(): Promise<DecodedFrame | SourceEnd> {
    const result = this.#advance();
    this.#pending = result.catch(() => {});
    return result;
  }

  setSkipping(skip: boolean): void {
    this.#decoder.setOption('skip_frame', skip ? 'nonref' : 'default');
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#format.interrupt();
    await this.#pending;
    this.#frame.free();
    this.#packet.free();
    this.#scaler.free();
    this.#decoder.freeContext();
    await this.#format.closeInput();
  }

  async #advance(): Promise<DecodedFrame | SourceEnd> {
    for (;;) {
      if (this.#closed) return { ended: 'lost', reason: 'closed' };
      this.#frame.unref();
      const received = this.#decoder.receiveFrameSync(this.#frame);
      if (received >= 0) return this.#picture();
      if (received === AVERROR_EOF) return { ended: 'end_of_file', reason: 'end of file' };
      if (received !== AVERROR_EAGAIN) continue;
      const end = await this.#feed();
      if (end) return end;
    }
  }

  /** One packet into the decoder; damaged packets are the decoder's to conceal. */
  async #feed(): Promise<SourceEnd | null> {
    if (this.#draining) return { ended: 'end_of_file', reason: 'end of file' };
    const read = await this.#readFrame();
    if (read === AVERROR_EOF && !isStream(this.#settings.url)) {
      this.#draining = true;
      await this.#decoder.sendPacket(null);
      return null;
    }
    if (read < 0) return { ended: 'lost', reason: read === AVERROR_EOF ? 'the camera closed the stream' : words(read) };
    if (this.#packet.streamIndex === this.#streamIndex) {
      this.#learnClock();
      await this.#decoder.sendPacket(this.#packet);
    }
    this.#packet.unref();
    return null;
  }

  /** A server that trickles bytes never trips a socket timeout: a packet must be whole in time. */
  async #readFrame(): Promise<number> {
    if (!isStream(this.#settings.url)) return this.#format.readFrame(this.#packet);
    const watchdog = setTimeout(() => this.#format.interrupt(), this.#settings.readTimeoutMs);
    const read = await this.#format.readFrame(this.#packet);
    clearTimeout(watchdog);
    return read;
  }

  /** AVProducerReferenceTime: wall clock in microseconds, from the camera's RTCP sender reports. */
  #learnClock(): void {
    if (this.#packet.pts === AV_NOPTS_VALUE || !isStream(this.#settings.url)) return;
    const reference = this.#packet.getSideData(AV_PKT_DATA_PRFT);
    if (!reference || reference.length < 8) return;
    const wallMs = Number(reference.readBigInt64LE(0)) / 1000;
    if (Math.abs(wallMs - Date.now()) > limits.ingest.cameraClockSkewMsMax) return;
    this.#wallMinusPtsMs = wallMs - Number(this.#packet.pts) * this.#msPerTick;
    this.#clock = 'rtcp';
  }

  #picture(): DecodedFrame {
    const frame = this.#frame;
    const planes = frame.data as Buffer[];
    const stride = frame.linesize[0] as number;
    return {
      luma: { pixels: planes[0] as Buffer, stride, width: frame.width & ~1, height: frame.height & ~1 },
      capturedAtMs: this.#capturedAtMs(),
      captureClock: this.#clock,
      copyTo: (slot, layout) => this.#scaler.copy(frame, slot, layout),
    };
  }

  #capturedAtMs(): number {
    const pts = this.#frame.bestEffortTimestamp;
    if (pts === AV_NOPTS_VALUE || (this.#clock === 'receive' && this.#wallMinusPtsMs === null)) return Date.now();
    const ptsMs = Number(pts) * this.#msPerTick;
    if (this.#clock === 'file') this.#wallMinusPtsMs ??= Date.now() - ptsMs;
    return Math.round((this.#wallMinusPtsMs ?? 0) + ptsMs);
  }
}

/** Copies and scales with FFmpeg's swscale; contexts are kept while the size stays. */
class Scaler {
  #thumb: SoftwareScaleContext | null = null;
  #colour: SoftwareScaleContext | null = null;
  #key = '';

  copy(frame: AvFrame, slot: Uint8Array, layout: SlotLayout): void {
    this.#prepare(frame, layout);
    const planes = frame.data as Buffer[];
    const out = Buffer.from(slot.buffer as ArrayBuffer, slot.byteOffset, slot.byteLength);
    const { width, height } = layout;
    const target = [
      out.subarray(0, layout.uOffset),
      out.subarray(layout.uOffset, layout.vOffset),
      out.subarray(layout.vOffset, layout.thumbOffset),
    ];
    if (this.#colour)
      this.#colour.scaleSync(planes, frame.linesize, 0, frame.height, target, [width, width / 2, width / 2]);
    else copyPlanes(planes, frame.linesize, target, width, height);
    this.#thumb?.scaleSync(
      [target[0] as Buffer],
      [width],
      0,
      height,
      [out.subarray(layout.thumbOffset)],
      [layout.thumbWidth],
    );
  }

  free(): void {
    this.#thumb?.freeContext();
    this.#colour?.freeContext();
    this.#thumb = null;
    this.#colour = null;
    this.#key = '';
  }

  #prepare(frame: AvFrame, layout: SlotLayout): void {
    const format = frame.format as AVPixelFormat;
    const key = `${frame.width}x${frame.height}:${format}:${layout.thumbWidth}x${layout.thumbHeight}`;
    if (key === this.#key) return;
    this.free();
    this.#key = key;
    this.#thumb = new SoftwareScaleContext();
    this.#thumb.getContext(
      layout.width,
      layout.height,
      AV_PIX_FMT_GRAY8,
      layout.thumbWidth,
      layout.thumbHeight,
      AV_PIX_FMT_GRAY8,
      SWS_FAST_BILINEAR,
    );
    if (format === AV_PIX_FMT_YUV420P || format === AV_PIX_FMT_YUVJ420P) return;
    this.#colour = new SoftwareScaleContext();
    this.#colour.getContext(
      frame.width,
      frame.height,
      format,
      layout.width,
      layout.height,
      AV_PIX_FMT_YUV420P,
      SWS_FAST_BILINEAR,
    );
  }
}

function copyPlanes(
  planes: readonly Buffer[],
  strides: readonly number[],
  target: readonly Buffer[],
  width: number,
  height: number,
): void {
  for (let plane = 0; plane < 3; plane++) {
    const w = plane === 0 ? width : width / 2;
    const h = plane === 0 ? height : height / 2;
    const from = planes[plane] as Buffer;
    const to = target[plane] as Buffer;
    const stride = strides[plane] as number;
    if (stride === w) to.set(from.subarray(0, w * h));
    else for (let y = 0; y < h; y++) to.set(from.subarray(y * stride, y * stride + w), y * w);
  }
}
