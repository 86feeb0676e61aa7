/** Says of each decoded frame, in order, whether it is looked at. */
export type Sampler = (capturedAtMs: number) => boolean;

/**
 * Chooses which decoded frames are looked at: at most `framesPerSecond` by capture time, evenly spaced. A capture time that jumps
 * back (a new connection, a clock set) starts anew.
 */
export function createSampler(framesPerSecond: number): Sampler {
  const stepMs = 1000 / framesPerSecond;
  let dueAtMs = Number.NEGATIVE_INFINITY;
  return (capturedAtMs) => {
    if (capturedAtMs < dueAtMs - 2 * stepMs) dueAtMs = capturedAtMs;
    // A quarter of a step of tolerance: a 30 fps camera sampled at 10 must give 10, not 7.5.
    if (capturedAtMs < dueAtMs - stepMs / 4) return false;
    dueAtMs = Math.max(dueAtMs + stepMs, capturedAtMs + stepMs / 2);
    return true;
  };
}
