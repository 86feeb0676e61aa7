import { addDurations, DurationClock, type Durations } from './durations.js';

/**
 * What a frame goes through in an engine, in this order. `decode` counts every frame of the stream, also those not captured; `scale` is
 * copying into the slot and making the detector's picture; `queue` is waiting for a thread, all others are work.
 */
export const stages = ['decode', 'gate', 'scale', 'queue', 'detect', 'read', 'track', 'evidence'] as const;
export type Stage = (typeof stages)[number];

/** Upper bounds, seconds; the last bucket has none. */
export const stageBounds = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1] as const;

/** Over all frames so far, as an engine's status carries it. */
export type AllStageTimes = Readonly<Partial<Record<Stage, Durations>>>;

/** Collects stage times; nothing is allocated per observation. */
export class StageClock {
  readonly #times = new Map<Stage, DurationClock>();

  observe(stage: Stage, milliseconds: number): void {
    let times = this.#times.get(stage);
    if (!times) {
      times = new DurationClock(stageBounds);
      this.#times.set(stage, times);
    }
    times.observe(milliseconds / 1000);
  }

  snapshot(): AllStageTimes {
    return Object.fromEntries([...this.#times].map(([stage, times]) => [stage, times.snapshot()]));
  }
}

/** The sum of two engines, or of two runs of one. */
export function addStageTimes(a: AllStageTimes, b: AllStageTimes): AllStageTimes {
  const sum: Partial<Record<Stage, Durations>> = { ...a };
  for (const stage of stages) {
    const [one, other] = [a[stage], b[stage]];
    if (one && other) sum[stage] = addDurations(one, other);
    else if (other) sum[stage] = other;
  }
  return sum;
}
