import { AV_LOG_QUIET, AV_NOPTS_VALUE, AV_PKT_DATA_PRFT, AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import {
  Frame as AvFrame,
  Log as AvLog,
  Codec,
  CodecContext,
  Dictionary,
  FFmpegError,
  FormatContext,
  Packet,
} from 'node-av/lib';
import type { CaptureClock } from '../data/frame.js';
import { fail, ok, type Result } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { limits } from '../limits.js';
import { type Clock, systemClock } from '../observe/clock.js';
import { isStream, redacted, streamAddress } from './address.js';
import { fileClock, liveClock, type StreamClock } from './capture_clock.js';
import type { Luma } from './motion.js';
import { PictureReader } from './picture.js';
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

export interface OpenOptions {
  /** Aborted: whatever waits for the camera ends now. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** For files: capture time of the first picture. */
  readonly startMs?: number;
}

// FFmpeg's own messages name addresses, with credentials; reasons are ours to word.
AvLog.setLevel(AV_LOG_QUIET);

/** FFmpeg's words for an error code, which never hold the address; redacted all the same. */
function words(code: number): string {
  return redacted(new FFmpegError(code).message).slice(0, 200);
}

function openOptions(settings: CameraSettings): Dictionary {
  if (!isStream(settings.url)) return Dictionary.fromObject({});
  return Dictionary.fromObject({
    rtsp_transport: settings.transport,
    allowed_media_types: 'video',
    timeout: String(settings.readTimeoutMs * 1000),
    // Frames matter only fresh: no reordering queue beyond what UDP needs, no long probing.
    max_delay: '300000',
    reorder_queue_size: settings.transport === 'udp' ? '64' : '0',
    buffer_size: String(limits.ingest.udpBufferBytes),
    analyzeduration: '2000000',
    probesize: '1000000',
  });
}

/**
 * Opens an RTSP stream (TCP or UDP, Basic or Digest, RTSPS) or a video file with FFmpeg's libraries in this process, decoding on
 * libuv's threads. Failure is a reason in words, without address or credentials.
 */
export async function openVideoSource(
  settings: CameraSettings,
  options: OpenOptions,
): Promise<Result<VideoSource, string>> {
  const address = streamAddress(settings, process.env);
  if (!address.ok) return address;
  const format = new FormatContext();
  format.allocContext();
  let expired = false;
  const interrupt = () => format.interrupt();
  const watchdog = setTimeout(() => {
    expired = true;
    interrupt();
  }, settings.connectTimeoutMs);
  options.signal.addEventListener('abort', interrupt);
  try {
    const opened = await format.openInput(address.value, null, openOptions(settings));
    if (opened < 0) return fail(expired ? `no answer within ${settings.connectTimeoutMs} ms` : words(opened));
    const probed = await format.findStreamInfo();
    if (!expired && !options.signal.aborted && probed >= 0) return await startDecoding(format, settings, options);
    await format.closeInput();
    return fail(expired ? `no video within ${settings.connectTimeoutMs} ms` : words(probed));
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener('abort', interrupt);
  }
}

async function startDecoding(
  format: FormatContext,
  settings: CameraSettings,
  options: OpenOptions,
): Promise<Result<VideoSource, string>> {
  const decoder = await openDecoder(format);
  if (decoder.ok) return ok(new Decoding(format, decoder.value.context, decoder.value.streamIndex, settings, options));
  await format.closeInput();
  return decoder;
}

async function openDecoder(
  format: FormatContext,
): Promise<Result<{ context: CodecContext; streamIndex: number }, string>> {
  const stream = format.streams.find((s) => s.codecpar.codecType === AVMEDIA_TYPE_VIDEO);
  if (!stream) return fail('no video stream in it');
  const codec = Codec.findDecoder(stream.codecpar.codecId);
  if (!codec) return fail('no decoder for its codec');
  const tooLarge = sizeRefused(stream.codecpar.width, stream.codecpar.height);
  if (tooLarge) return fail(tooLarge);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.parametersToContext(stream.codecpar);
  context.pktTimebase = stream.timeBase;
  context.threadCount = 1;
  const opened = await context.open2(codec, null);
  if (opened >= 0) return ok({ context, streamIndex: stream.index });
  context.freeContext();
  return fail(`decoder refused: ${words(opened)}`);
}

/** @returns why pictures of this size are not decoded, or `null`. A size of 0 is not known yet. */
export function sizeRefused(width: number, height: number): string | null {
  const { frameSideMin, frameSideMax, framePixelsMax } = limits.ingest;
  if (width > 0 && height > 0 && Math.min(width, height) < frameSideMin)
    return `pictures of ${width}x${height} are too small`;
  if (Math.max(width, height) <= frameSideMax && width * height <= framePixelsMax) return null;
  return `pictures of ${width}x${height} are larger than the limit (${frameSideMax} pixels a side, ${framePixelsMax} in all)`;
}

class Decoding implements VideoSource {
  readonly #format: FormatContext;
  readonly #decoder: CodecContext;
  readonly #streamIndex: number;
  readonly #settings: CameraSettings;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #streamClock: StreamClock;
  readonly #isStream: boolean;
  readonly #packet = new Packet();
  readonly #frame = new AvFrame();
  readonly #pictures = new PictureReader();
  readonly #msPerTick: number;
  readonly #interrupt: () => void;
  #pictureAtMs: number;
  #pictureCount = 0;
  #draining = false;
  #pending: Promise<unknown> = Promise.resolve();

  constructor(
    format: FormatContext,
    decoder: CodecContext,
    streamIndex: number,
    settings: CameraSettings,
    options: OpenOptions,
  ) {
    this.#format = format;
    this.#decoder = decoder;
    this.#streamIndex = streamIndex;
    this.#settings = settings;
    this.#signal = options.signal;
    this.#clock = options.clock ?? systemClock;
    this.#isStream = isStream(settings.url);
    this.#streamClock = this.#isStream
      ? liveClock(limits.ingest.cameraClockSkewMsMax)
      : fileClock(options.startMs ?? this.#clock.nowMs());
    this.#packet.alloc();
    this.#frame.alloc();
    const base = format.streams[streamIndex]?.timeBase ?? { num: 1, den: 1000 };
    this.#msPerTick = (base.num * 1000) / base.den;
    this.#pictureAtMs = this.#clock.monotonicMs();
    this.#interrupt = () => format.interrupt();
    this.#signal.addEventListener('abort', this.#interrupt);
  }

  async next(): Promise<DecodedFrame | SourceEnd> {
    const result = this.#advance();
    this.#pending = result.catch(() => {});
    return result;
  }

  setSkipping(skip: boolean): void {
    this.#decoder.setOption('skip_frame', skip ? 'nonref' : 'default');
  }

  /** Native memory is freed only once no native call is under way. */
  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#interrupt);
    this.#format.interrupt();
    await this.#pending;
    this.#frame.free();
    this.#packet.free();
    this.#pictures.free();
    this.#decoder.freeContext();
    await this.#format.closeInput();
  }

  async #advance(): Promise<DecodedFrame | SourceEnd> {
    for (;;) {
      if (this.#signal.aborted) return { ended: 'lost', reason: 'stopped' };
      this.#frame.unref();
      const received = this.#decoder.receiveFrameSync(this.#frame);
      if (received >= 0) return this.#picture();
      if (received === AVERROR_EOF) return this.#endOfFile();
      // Any other error is one damaged picture: the next packet is the way on.
      const end = await this.#feed();
      if (end) return end;
    }
  }

  /** One packet into the decoder; damaged packets are the decoder's to conceal. */
  async #feed(): Promise<SourceEnd | null> {
    if (this.#draining) return this.#endOfFile();
    const read = await this.#readPacket();
    if (read === AVERROR_EOF && !this.#isStream) {
      this.#draining = true;
      await this.#decoder.sendPacket(null);
      return null;
    }
    if (read < 0) return this.#brokenOff(read);
    if (this.#packet.streamIndex === this.#streamIndex) {
      this.#learnClock();
      await this.#decoder.sendPacket(this.#packet);
    }
    this.#packet.unref();
    return this.#withoutPicture();
  }

  /** A server that trickles bytes never trips a socket timeout: a packet must be whole in time. */
  async #readPacket(): Promise<number> {
    if (!this.#isStream) return this.#format.readFrame(this.#packet);
    const watchdog = setTimeout(this.#interrupt, this.#settings.readTimeoutMs);
    const read = await this.#format.readFrame(this.#packet);
    clearTimeout(watchdog);
    return read;
  }

  #endOfFile(): SourceEnd {
    if (this.#pictureCount > 0) return { ended: 'end_of_file', reason: 'end of file' };
    return { ended: 'unusable', reason: 'no picture in it could be decoded; is the file whole?' };
  }

  #brokenOff(code: number): SourceEnd {
    if (!this.#isStream)
      return { ended: 'unusable', reason: `damaged after ${this.#pictureCount} pictures: ${words(code)}` };
    if (this.#signal.aborted) return { ended: 'lost', reason: 'stopped' };
    if (code === AVERROR_EOF) return { ended: 'lost', reason: 'the camera closed the stream' };
    const waitedMs = this.#clock.monotonicMs() - this.#pictureAtMs;
    if (waitedMs >= this.#settings.readTimeoutMs * 0.9)
      return { ended: 'lost', reason: `no data for ${this.#settings.readTimeoutMs} ms` };
    return { ended: 'lost', reason: words(code) };
  }

  /** Packets that never make a picture: a wrong SDP, a codec that is not what it says, no key frame. */
  #withoutPicture(): SourceEnd | null {
    const waitedMs = this.#clock.monotonicMs() - this.#pictureAtMs;
    if (!this.#isStream || waitedMs < this.#settings.pictureTimeoutMs) return null;
    return { ended: 'lost', reason: `data, but no picture for ${this.#settings.pictureTimeoutMs} ms` };
  }

  /** AVProducerReferenceTime: wall clock in microseconds, from the camera's RTCP sender reports. */
  #learnClock(): void {
    if (this.#packet.pts === AV_NOPTS_VALUE || !this.#isStream) return;
    const reference = this.#packet.getSideData(AV_PKT_DATA_PRFT);
    if (!reference || reference.length < 8) return;
    const wallMs = Number(reference.readBigInt64LE(0)) / 1000;
    this.#streamClock.learn(wallMs, Number(this.#packet.pts) * this.#msPerTick, this.#clock.nowMs());
  }

  #picture(): DecodedFrame | SourceEnd {
    const frame = this.#frame;
    const tooLarge = sizeRefused(frame.width, frame.height);
    if (tooLarge) return { ended: this.#isStream ? 'lost' : 'unusable', reason: tooLarge };
    this.#pictureCount += 1;
    this.#pictureAtMs = this.#clock.monotonicMs();
    const pts = frame.bestEffortTimestamp;
    const streamMs = pts === AV_NOPTS_VALUE ? null : Number(pts) * this.#msPerTick;
    const { capturedAtMs, clock } = this.#streamClock.captured(streamMs, this.#clock.nowMs());
    return {
      luma: this.#pictures.luma(frame),
      capturedAtMs,
      captureClock: clock,
      copyTo: (slot, layout) => this.#pictures.copy(frame, slot, layout),
    };
  }
}
