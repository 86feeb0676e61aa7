import type { CameraStatus } from '../bus/message.js';
import type { CameraId } from '../data/ids.js';
import type { Clock } from '../observe/clock.js';
import type { Policy } from '../policy/policy_file.js';
import type { CameraBaseline } from '../policy/state.js';

type Numbers = Pick<Policy['numbers'], 'cameraFpsPercentMin' | 'cameraClockSecondsMax' | 'cameraStreamSeconds'>;

interface Heard {
  readonly dropped: number;
  readonly clockOffsetMs: number | null;
  /** Since when it has been wrong without a break, our monotonic clock; `null` = it is not. */
  readonly wrongSinceMs: number | null;
}

/**
 * A camera's stream against what it should be: too few pictures a second, a clock that was right and is not. Wrong for a while without
 * a break counts; while the machine can not keep up with its cameras, nothing does.
 */
export class StreamWatch {
  readonly #numbers: Numbers;
  readonly #clock: Clock;
  readonly #since: { readonly wallMs: number; readonly monotonicMs: number };
  readonly #heard = new Map<CameraId, Heard>();

  constructor(numbers: Numbers, clock: Clock) {
    this.#numbers = numbers;
    this.#clock = clock;
    this.#since = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
  }

  /** @returns why the camera has to go, or `null`. */
  observe({ cameraId, state, counts, stream }: CameraStatus, baseline: CameraBaseline | null): string | null {
    const clockOffsetMs = this.#ownJumpsTakenOut(stream.clockOffsetMs);
    const before = this.#heard.get(cameraId);
    const keepsUp = before === undefined || counts.dropped <= before.dropped;
    const wrong = state === 'playing' && keepsUp ? this.#wrong(stream, clockOffsetMs, baseline) : null;
    const nowMs = this.#clock.monotonicMs();
    const wrongSinceMs = wrong === null ? null : (before?.wrongSinceMs ?? nowMs);
    const lasts = wrongSinceMs !== null && nowMs - wrongSinceMs >= this.#numbers.cameraStreamSeconds * 1000;
    // Said once; whoever does not act on it hears it again as much later.
    this.#heard.set(cameraId, { dropped: counts.dropped, clockOffsetMs, wrongSinceMs: lasts ? null : wrongSinceMs });
    return lasts ? wrong : null;
  }

  /** The camera's clock minus ours, as last heard; ours as it ran since the start, without jumps. */
  clockOffsetMs(cameraId: CameraId): number | null {
    return this.#heard.get(cameraId)?.clockOffsetMs ?? null;
  }

  #wrong(stream: CameraStatus['stream'], offsetMs: number | null, baseline: CameraBaseline | null): string | null {
    const { fps, fpsWanted } = stream;
    if (fps !== null && fps < (fpsWanted * this.#numbers.cameraFpsPercentMin) / 100)
      return `it gives ${fps.toFixed(1)} pictures a second, not the ${fpsWanted} configured: its link or its light is bad`;
    const allowedMs = this.#numbers.cameraClockSecondsMax * 1000;
    const wasMs = baseline?.clockOffsetMs ?? null;
    // A clock that was never right is not believed anyway: its reads carry our own time.
    const wasRight = wasMs !== null && Math.abs(wasMs) <= allowedMs;
    if (wasRight && offsetMs !== null && Math.abs(offsetMs) > allowedMs)
      return `its clock is off by ${Math.round(offsetMs / 1000)} seconds; it was right when it was checked`;
    return null;
  }

  /** When our own wall clock is set, every camera seems to have been: that is nobody's fault but ours. */
  #ownJumpsTakenOut(offsetMs: number | null): number | null {
    const elapsedMs = this.#clock.monotonicMs() - this.#since.monotonicMs;
    const jumpedMs = this.#clock.nowMs() - this.#since.wallMs - elapsedMs;
    return offsetMs === null ? null : offsetMs + jumpedMs;
  }
}
