import type { Read, ReadReport } from '../data/read.js';
import { fail, ok, type Result } from '../data/result.js';
import { startEngineFlow } from '../engine/flow.js';
import type { CameraSettings } from '../ingest/settings.js';
import { silentLog } from '../observe/log.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { PlateFound } from './still_reader.js';

/** One vehicle pass of a video or a stream. */
export interface PassRead {
  readonly width: number;
  readonly height: number;
  /** Per frame looked at so far, mean milliseconds; `total` is wall time. */
  readonly ms: { readonly detect: number; readonly read: number; readonly total: number };
  /** Seconds since the first frame that was looked at. */
  readonly pass: {
    readonly at: number;
    readonly firstSeen: number;
    readonly lastSeen: number;
    readonly frames: number;
    readonly direction: string;
    /** Of a stream: capture time of the best frame, ISO 8601 in UTC. */
    readonly capturedAt?: string;
  };
  readonly plate: PlateFound;
}

export interface VideoRead {
  readonly width: number;
  readonly height: number;
  readonly ms: PassRead['ms'];
  readonly passes: number;
}

export interface VideoReadOptions {
  readonly pipeline: Pipeline;
  readonly settings: CameraSettings;
  readonly isLive: boolean;
  /** Aborted: the passes in sight are told, then it ends. */
  readonly signal: AbortSignal;
  readonly onPass: (pass: PassRead) => void;
}

/** Reads a video file to its end, or a stream until it is stopped. @returns one line when it never gave a picture, or broke. */
export async function readVideo(options: VideoReadOptions): Promise<Result<VideoRead, string>> {
  const { pipeline, settings, isLive } = options;
  const startedAt = performance.now();
  const size = { width: 0, height: 0 };
  const spent = { detect: 0, read: 0, frames: 0 };
  let firstAtMs: number | null = null;
  let passes = 0;

  function tell({ stage, read }: ReadReport): void {
    if (stage !== 'final' || firstAtMs === null) return;
    passes += 1;
    options.onPass(passOf(read, firstAtMs, size, meansOf(spent, startedAt), isLive));
  }

  let problem: string | null = null;
  const flow = startEngineFlow({
    cameras: [settings],
    pipeline,
    run: 'read',
    onReport: tell,
    onOutcome(frame, outcome) {
      Object.assign(size, { width: frame.width, height: frame.height });
      firstAtMs ??= frame.capturedAtMs;
      if (outcome.kind !== 'read' && outcome.kind !== 'empty') return;
      spent.detect += outcome.stageMs.detect;
      spent.read += outcome.stageMs.read;
      spent.frames += 1;
    },
    onState(_, state) {
      if (state.kind === 'failed') problem = state.reason;
      // A camera is tried again for ever; whoever names an address on the command line wants to know that it does not answer.
      if (state.kind !== 'waiting' || firstAtMs !== null) return;
      problem = state.reason;
      stop();
    },
    log: silentLog,
  });
  function stop(): void {
    void flow.stop('stopped');
  }
  options.signal.addEventListener('abort', stop, { once: true });
  await flow.ended;
  options.signal.removeEventListener('abort', stop);
  return problem === null ? ok({ ...size, ms: meansOf(spent, startedAt), passes }) : fail(problem);
}

type Spent = { readonly detect: number; readonly read: number; readonly frames: number };

function meansOf({ detect, read, frames }: Spent, startedAt: number): PassRead['ms'] {
  const share = 1 / Math.max(1, frames);
  return { detect: detect * share, read: read * share, total: (performance.now() - startedAt) * share };
}

function passOf(
  read: Read,
  firstAtMs: number,
  size: { readonly width: number; readonly height: number },
  ms: PassRead['ms'],
  isLive: boolean,
): PassRead {
  const seconds = (atMs: number) => (atMs - firstAtMs) / 1000;
  const { plate: text, state, confidence, box, alternatives: candidates } = read;
  return {
    ...size,
    ms,
    pass: {
      at: seconds(read.capturedAtMs),
      firstSeen: seconds(read.firstSeenAtMs),
      lastSeen: seconds(read.lastSeenAtMs),
      frames: read.frameCount,
      direction: read.direction,
      ...(isLive ? { capturedAt: new Date(read.capturedAtMs).toISOString() } : {}),
    },
    plate: { text, state, confidence, box, candidates },
  };
}
