import { AVERROR_PROTOCOL_NOT_FOUND, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext } from 'node-av/lib';
import type { CaptureClock } from '../data/frame.js';
import type { DropReason } from '../data/outcome.js';
import { fail, ok, type Result } from '../data/result.js';
import type { SlotLayout } from '../data/slot_layout.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import { isRtsp, isStream, streamAddress } from './address.js';
import { certificateRefused, isEncrypted, type Trust, trustFor } from './certificate.js';
import { Decoding } from './decoding.js';
import { words } from './ffmpeg_words.js';
import type { SparseLuma } from './motion.js';
import { sizeRefused } from './picture_size.js';
import type { CameraSettings } from './settings.js';
import type { Turns } from './turns.js';

/** One decoded picture, valid until the next `next()`. */
export interface DecodedFrame {
  /** Even: an odd last row or column is cut off. */
  readonly size: { readonly width: number; readonly height: number };
  /** What the motion gate looks at; made when it is asked for, valid until the next call. */
  sparse(): SparseLuma;
  readonly capturedAtMs: number;
  readonly captureClock: CaptureClock;
  /** In the decoder since the picture before, waiting for the network left out. */
  readonly decodeMs: number;
  /** How long its packet waited for us, because we had fallen behind; 0 for files. */
  readonly lateMs: number;
  /** Pictures since the one before that the decoder was told to leave out. */
  readonly leftOut: number;
  /** Copies the picture into a slot (I420 and the detector's thumb); see `slot_layout.ts`. */
  copyTo(slot: Uint8Array, layout: SlotLayout): void;
}

/** A picture that was not decoded: it came too late, or there was too much to do. */
export interface UndecodedPicture {
  readonly undecoded: Exclude<DropReason, 'no_slot'>;
  readonly capturedAtMs: number;
}

/** `lost`: try again; `unusable`: a file that will not become one by waiting. */
export type SourceEnd = { readonly ended: 'end_of_file' | 'lost' | 'unusable'; readonly reason: string };

/** An open stream. `next` resolves with a picture, or with why there is none any more. */
export interface VideoSource {
  next(): Promise<DecodedFrame | UndecodedPicture | SourceEnd>;
  /** Skips decoding of frames nothing refers to, while there is too much to do or nothing to see. */
  setSkipping(skip: boolean): void;
  /** The camera's clock minus ours as last told, ms; `null`: it tells none. */
  clockOffsetMs(): number | null;
  close(): Promise<void>;
}

/** What the cameras of one engine have in common. */
export interface DecodingLoad {
  /** What share of a live stream is decoded, 0..1; asked for each packet. */
  readonly share: () => number;
  /**
   * Who decodes has a turn. As many as there are cores may: a hundred decoders that all run take the time of the few threads that everything
   * else waits for.
   */
  readonly turns: Turns;
}

export interface OpenOptions {
  /** Aborted: whatever waits for the camera ends now. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** For files: capture time of the first picture. */
  readonly startMs?: number;
  readonly load?: DecodingLoad;
}

/** What an address may lead to: a stream that names a file, or a file that names a server, is refused. */
const protocols = { file: 'file', http: 'http,https,tcp,tls', rtsp: 'rtsp,rtsps,rtp,udp,tcp,tls' } as const;

function openOptions({ url, transport, readTimeoutMs }: CameraSettings, trust: Trust | null): Dictionary {
  if (!isStream(url)) return Dictionary.fromObject({ protocol_whitelist: protocols.file });
  const common = {
    timeout: String(readTimeoutMs * 1000),
    analyzeduration: '2000000',
    probesize: '1000000',
    ...(trust ? { tls_verify: '1', ca_file: trust.file } : {}),
  };
  if (!isRtsp(url)) return Dictionary.fromObject({ ...common, protocol_whitelist: protocols.http });
  return Dictionary.fromObject({
    ...common,
    protocol_whitelist: protocols.rtsp,
    rtsp_transport: transport,
    allowed_media_types: 'video',
    // Frames matter only fresh: no reordering queue beyond what UDP needs, no long probing.
    max_delay: '300000',
    reorder_queue_size: transport === 'udp' ? '64' : '0',
    buffer_size: String(limits.ingest.udpBufferBytes),
  });
}

/**
 * Opens a stream (RTSP over TCP, UDP or TLS; MJPEG over HTTP; Basic or Digest) or a video file with FFmpeg's libraries in this process, decoding on
 * libuv's threads. Failure is a reason in words, without address or credentials.
 */
export async function openVideoSource(
  settings: CameraSettings,
  options: OpenOptions,
): Promise<Result<VideoSource, string>> {
  const address = streamAddress(settings, process.env);
  if (!address.ok) return address;
  const trust = trustFor(settings);
  if (!trust.ok) return trust;
  const { connectTimeoutMs } = settings;
  const refused =
    trust.value && (await certificateRefused(settings.url, trust.value, connectTimeoutMs, options.signal));
  if (refused) return fail(refused);
  const format = new FormatContext();
  format.allocContext();
  let expired = false;
  const interrupt = () => format.interrupt();
  const watchdog = setTimeout(() => {
    expired = true;
    interrupt();
  }, connectTimeoutMs);
  options.signal.addEventListener('abort', interrupt);
  try {
    const opened = await format.openInput(address.value, null, openOptions(settings, trust.value));
    if (opened < 0 && expired) return fail(`no answer within ${connectTimeoutMs} ms`);
    if (opened < 0) return fail(notOpened(settings.url, opened));
    // An RTSP server has described its streams; looking for more would cost the first two seconds of every connection.
    const probed = isRtsp(settings.url) ? 0 : await format.findStreamInfo();
    if (!expired && !options.signal.aborted && probed >= 0) return await startDecoding(format, settings, options);
    await format.closeInput();
    return fail(expired ? `no video within ${connectTimeoutMs} ms` : words(probed));
  } finally {
    clearTimeout(watchdog);
    options.signal.removeEventListener('abort', interrupt);
  }
}

function notOpened(url: string, code: number): string {
  if (isEncrypted(url) && code === AVERROR_PROTOCOL_NOT_FOUND) return 'this build of FFmpeg has no TLS';
  return isStream(url) ? words(code) : `not a whole video file (${words(code)})`;
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
