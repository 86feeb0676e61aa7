/** One line of the comparison: how often something was done in a second of one core's time. */
export interface Rate {
  readonly what: string;
  readonly unit: string;
  /** Per second of CPU time of this process (all its threads), or of wall time where another process does the work. */
  readonly perSecond: number;
  readonly note?: string;
}

/** Runs `once` again and again for `seconds`; counts per second of CPU time, so that other programs do not change the answer. */
export async function rateOf(seconds: number, once: () => Promise<number>): Promise<number> {
  await once();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let count = 0;
  while (performance.now() - startedAt < seconds * 1000) count += await once();
  const { user, system } = process.cpuUsage(cpu);
  return count / ((user + system) / 1e6);
}
