/**
 * How long to wait before the next attempt: doubling from half a second to half a minute, with full jitter in the upper half so that
 * many cameras do not come back at once.
 * @param attempt failures in a row, from 1
 * @param random 0..1
 */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(30_000, 500 * 2 ** Math.min(attempt - 1, 10));
  return ceiling / 2 + (random * ceiling) / 2;
}
