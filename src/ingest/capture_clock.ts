import type { CaptureClock } from '../data/frame.js';

/** Turns a stream's own timestamps into wall-clock capture times, which never go back within a connection. */
export interface StreamClock {
  /** What the camera's RTCP sender report says: this stream time was this wall-clock time. */
  learn(wallMs: number, streamMs: number, nowMs: number): void;
  /** @param streamMs `null` when the picture has no timestamp. */
  captured(streamMs: number | null, nowMs: number): { readonly capturedAtMs: number; readonly clock: CaptureClock };
  /** The camera's clock minus ours as last told, ms; includes what the packet took to get here. `null`: it tells none. */
  offsetMs(): number | null;
}

/** How fast the shortest delay seen is forgotten, so that a camera whose clock runs slow is followed: 200 ppm. */
const forgetPerMs = 0.0002;

/**
 * A live camera: its RTCP clock when it sends one that is within `skewMsMax` of ours, else our time of reception with the network's
 * jitter taken out (the packet that travelled shortest sets the offset).
 */
export function liveClock(skewMsMax: number): StreamClock {
  let reportedMs: number | null = null;
  let receivedMs = Number.POSITIVE_INFINITY;
  let updatedAtMs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  let toldMs: number | null = null;

  function offsetBy(streamMs: number, nowMs: number): number {
    if (reportedMs !== null) return reportedMs;
    receivedMs = Math.min(receivedMs + Math.max(0, nowMs - updatedAtMs) * forgetPerMs, nowMs - streamMs);
    // Timestamps that started anew (or a wall clock that was set) cannot be followed by forgetting.
    if (nowMs - streamMs - receivedMs > skewMsMax) receivedMs = nowMs - streamMs;
    updatedAtMs = nowMs;
    return receivedMs;
  }

  return {
    learn(wallMs, streamMs, nowMs) {
      toldMs = wallMs - nowMs;
      if (Math.abs(wallMs - nowMs) <= skewMsMax) reportedMs = wallMs - streamMs;
      else reportedMs = null;
    },
    captured(streamMs, nowMs) {
      const wallMs = streamMs === null ? nowMs : streamMs + offsetBy(streamMs, nowMs);
      const capturedAtMs = wallMs <= lastMs && lastMs - wallMs <= skewMsMax ? lastMs + 1 : Math.round(wallMs);
      lastMs = capturedAtMs;
      return { capturedAtMs, clock: reportedMs === null ? 'receive' : 'rtcp' };
    },
    offsetMs: () => toldMs,
  };
}

/** A file: its own timestamps, the first picture being at `startMs`. */
export function fileClock(startMs: number): StreamClock {
  let offsetMs: number | null = null;
  let lastMs = startMs - 1;
  return {
    learn() {},
    captured(streamMs) {
      if (streamMs !== null) offsetMs ??= startMs - streamMs;
      lastMs = streamMs === null ? lastMs + 1 : Math.max(lastMs + 1, Math.round(streamMs + (offsetMs ?? startMs)));
      return { capturedAtMs: lastMs, clock: 'file' };
    },
    offsetMs: () => null,
  };
}
