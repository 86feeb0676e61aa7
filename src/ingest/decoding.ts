import { AV_NOPTS_VALUE, AV_PKT_DATA_PRFT, AVERROR_EOF } from 'node-av/constants';
import { Frame as AvFrame, type CodecContext, type FormatContext, Packet } from 'node-av/lib';
import { assert } from '../data/result.js';
import { limits } from '../limits.js';
import { type Clock, systemClock } from '../observe/clock.js';
import { isRtsp, isStream } from './address.js';
import { Backlog } from './backlog.js';
import { fileClock, liveClock, type StreamClock } from './capture_clock.js';
import { CatchUp } from './catch_up.js';
import { isCutShort } from './cut_short.js';
import { words } from './ffmpeg_words.js';
import { LeadingPictures } from './leading_pictures.js';
import { PictureReader } from './picture.js';
import { sizeRefused } from './picture_size.js';
import type { CameraSettings } from './settings.js';
import type {
  DecodedFrame,
  DecodingLoad,
  OpenOptions,
  SourceEnd,
  UndecodedPicture,
  VideoSource,
} from './video_source.js';

/** An opened stream and its decoder: packets in, pictures out, each with its time. Owns both until it is closed. */
export class Decoding implements VideoSource {
  readonly #format: FormatContext;
  readonly #decoder: CodecContext;
  readonly #streamIndex: number;
  readonly #settings: CameraSettings;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #streamClock: StreamClock;
  readonly #isStream: boolean;
  readonly #hasTimes: boolean;
  readonly #packet = new Packet();
  readonly #frame = new AvFrame();
  readonly #pictures = new PictureReader();
  readonly #backlog = new Backlog();
  readonly #catchUp: CatchUp;
  readonly #leading = new LeadingPictures();
  readonly #load: DecodingLoad | undefined;
  readonly #msPerTick: number;
  readonly #interrupt: () => void;
  #pictureAtMs: number;
  #pictureCount = 0;
  #decodeMs = 0;
  /** Of the last call into the decoder. */
  #callMs = 0;
  #lateMs = 0;
  #skipping = false;
  /** Packets were left undecoded: what the decoder still holds belongs to before. */
  #hasGap = false;
  #packetsSincePicture = 0;
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
    this.#load = options.load;
    this.#isStream = isStream(settings.url);
    this.#hasTimes = !this.#isStream || isRtsp(settings.url);
    this.#catchUp = new CatchUp(settings.lateAfterMs);
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

  async next(): Promise<DecodedFrame | UndecodedPicture | SourceEnd> {
    const result = this.#advance();
    this.#pending = result.catch(() => {});
    return result;
  }

  clockOffsetMs(): number | null {
    return this.#streamClock.offsetMs();
  }

  setSkipping(skip: boolean): void {
    const set = this.#decoder.setOption('skip_frame', skip ? 'noref' : 'default');
    assert(set >= 0, 'skip_frame knows its values');
    this.#skipping = skip;
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

  async #advance(): Promise<DecodedFrame | UndecodedPicture | SourceEnd> {
    for (;;) {
      if (this.#signal.aborted) return { ended: 'lost', reason: 'stopped' };
      this.#frame.unref();
      const startedAt = performance.now();
      const received = this.#decoder.receiveFrameSync(this.#frame);
      this.#decodeMs += performance.now() - startedAt;
      if (received >= 0) return this.#picture();
      if (received === AVERROR_EOF) return this.#endOfFile();
      // Any other error is one damaged picture: the next packet is the way on.
      const end = await this.#feed();
      if (end) return end;
    }
  }

  /** One packet into the decoder; damaged packets are the decoder's to conceal. */
  async #feed(): Promise<UndecodedPicture | SourceEnd | null> {
    if (this.#draining) return this.#endOfFile();
    const askedAtMs = this.#clock.monotonicMs();
    const read = await this.#readPacket();
    if (read === AVERROR_EOF && !this.#isStream) {
      this.#draining = true;
      await this.#decoder.sendPacket(null);
      return null;
    }
    if (read < 0) return this.#brokenOff(read);
    const isPicture = this.#packet.streamIndex === this.#streamIndex;
    const undecoded = isPicture ? await this.#decodeInTime(this.#clock.monotonicMs() - askedAtMs) : null;
    this.#packet.unref();
    return undecoded ?? this.#withoutPicture();
  }

  /** @param waitedMs for the packet. @returns a picture instead when it is not to be decoded. */
  async #decodeInTime(waitedMs: number): Promise<UndecodedPicture | null> {
    this.#learnClock();
    await this.#load?.turns.take(false);
    try {
      return await this.#decode(waitedMs);
    } finally {
      this.#load?.turns.give();
    }
  }

  async #decode(waitedMs: number): Promise<UndecodedPicture | null> {
    const undecoded = this.#whyNot(waitedMs);
    if (undecoded) {
      this.#hasGap = true;
      return { undecoded, capturedAtMs: this.#captured(this.#packet.pts).capturedAtMs };
    }
    if (this.#hasGap) this.#decoder.flushBuffers();
    this.#hasGap = false;
    const startedAt = performance.now();
    await this.#decoder.sendPacket(this.#packet);
    this.#callMs = performance.now() - startedAt;
    this.#decodeMs += this.#callMs;
    this.#packetsSincePicture += 1;
    return null;
  }

  #whyNot(waitedMs: number): UndecodedPicture['undecoded'] | null {
    if (!this.#isStream) return null;
    const { dts, pts, isKeyframe } = this.#packet;
    const streamMs = this.#streamMs(dts === AV_NOPTS_VALUE ? pts : dts);
    const nowMs = this.#clock.monotonicMs();
    this.#lateMs = this.#backlog.lateMs({ streamMs, waitedMs, decodedMs: this.#callMs, nowMs });
    this.#callMs = 0;
    const isTooMuch = this.#leading.leavesOut(streamMs, isKeyframe, this.#load?.share() ?? 1);
    if (this.#catchUp.skips(this.#lateMs, isKeyframe, nowMs)) return 'late';
    return isTooMuch ? 'overload' : null;
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
    const pictures = this.#pictureCount;
    if (pictures > 0 && isCutShort(this.#settings.url))
      return {
        ended: 'unusable',
        reason: `cut short: the file ends after ${pictures} pictures, within one of its parts`,
      };
    if (pictures > 0) return { ended: 'end_of_file', reason: 'end of file' };
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
    const { capturedAtMs, clock } = this.#captured(frame.bestEffortTimestamp);
    const decodeMs = this.#decodeMs;
    const leftOut = this.#skipping ? Math.max(0, this.#packetsSincePicture - 1) : 0;
    this.#decodeMs = 0;
    this.#packetsSincePicture = 0;
    const pictures = this.#pictures;
    return {
      size: { width: frame.width & ~1, height: frame.height & ~1 },
      sparse: () => pictures.sparse(frame),
      capturedAtMs,
      captureClock: clock,
      decodeMs,
      lateMs: this.#lateMs,
      leftOut,
      copyTo: (slot, layout) => pictures.copy(frame, slot, layout),
    };
  }

  #captured(pts: bigint): ReturnType<StreamClock['captured']> {
    const streamMs = this.#streamMs(pts);
    return this.#streamClock.captured(streamMs, this.#clock.nowMs() - (streamMs === null ? this.#lateMs : 0));
  }

  /** FFmpeg invents times for pictures that come without one, as JPEG over HTTP does: 25 a second, however many there are. */
  #streamMs(ticks: bigint): number | null {
    return ticks === AV_NOPTS_VALUE || !this.#hasTimes ? null : Number(ticks) * this.#msPerTick;
  }
}
