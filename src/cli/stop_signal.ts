/**
 * Resolves with the signal that asked to stop. Ask for it in the first line of a command: a signal that comes during a long start
 * is answered after it, as PID 1 too; a second one ends the process at once.
 */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(signal));
  });
}

/** Resolves `seconds` after `begun`; never without seconds. */
export function timeIsUp(seconds: number | null, begun: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    if (seconds !== null) void begun.then(() => setTimeout(() => resolve('time is up'), seconds * 1000).unref());
  });
}

/** Aborted when the user asks to stop, or after `seconds`. */
export function stopOnSignal(seconds: number | null): AbortSignal {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  if (seconds !== null) setTimeout(stop, seconds * 1000).unref();
  return stopping.signal;
}
