/** Resolves with the signal that asked to stop, or with `time is up` after `seconds`. */
export function untilStopped(seconds: number | null): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('SIGTERM', () => resolve('SIGTERM'));
    if (seconds !== null) setTimeout(() => resolve('time is up'), seconds * 1000);
  });
}
