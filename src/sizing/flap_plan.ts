import { type Random, seededRandom } from '../simulator/scenes/random.js';

/** What a camera does wrong, and comes back from; each is a fault of the simulator. */
export const flapKinds = [
  'disconnect',
  'stall',
  'size_change',
  'packet_loss',
  'reconnect_storm',
  'unauthorised',
  'wrong_sdp',
] as const;
export type FlapKind = (typeof flapKinds)[number];

export interface Flap {
  readonly kind: FlapKind;
  /** Simulated time since the start. */
  readonly atMs: number;
}

export interface FlapPlanOptions {
  readonly cameras: number;
  readonly hours: number;
  /** Mean pause between two faults of a camera; each is from half to one and a half of it. */
  readonly everyMinutes: number;
  readonly seed: number;
}

/** For each camera its faults in the order of their times; the same seed gives the same plan. Every kind comes in turn, shuffled. */
export function planFlaps({ cameras, hours, everyMinutes, seed }: FlapPlanOptions): readonly (readonly Flap[])[] {
  return Array.from({ length: cameras }, (_, camera) => {
    const random = seededRandom(seed * 1009 + camera);
    const flaps: Flap[] = [];
    let kinds: FlapKind[] = [];
    for (let atMs = 0; ; ) {
      atMs += everyMinutes * 60_000 * (0.5 + random());
      if (atMs >= hours * 3_600_000) return flaps;
      if (kinds.length === 0) kinds = shuffled(flapKinds, random);
      flaps.push({ kind: kinds.pop() as FlapKind, atMs });
    }
  });
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  return values
    .map((value) => ({ value, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}
