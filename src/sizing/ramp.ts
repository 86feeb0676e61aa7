import type { StepFigures } from './step.js';

/** What a machine must still do for a step to count as carried. */
export interface Targets {
  readonly lostShareMax: number;
  readonly latencyP99MsMax: number;
  /** Cores: so little idle time left means that the machine, not the program, is measured. */
  readonly idleCoresMin: number;
  /** A single thread with this share of a core can take no more. */
  readonly busiestThreadMax: number;
}

export const targets: Targets = {
  lostShareMax: 0.01,
  latencyP99MsMax: 300,
  idleCoresMin: 0.04,
  busiestThreadMax: 0.97,
};

/** Why a step was too much; `null` when it was carried. */
export function limitOf(step: StepFigures, wanted: Targets = targets): string | null {
  const { lostShare, latencyMs, cores, busiestThread } = step;
  if (step.engineRestarts > 0) return 'the engine died and was started again';
  if (lostShare > wanted.lostShareMax) return `frames lost: ${(lostShare * 100).toFixed(1)} %`;
  if (latencyMs.p99 > wanted.latencyP99MsMax) return `p99 capture to alert: ${Math.round(latencyMs.p99)} ms`;
  if (busiestThread > wanted.busiestThreadMax) return `one thread uses ${(busiestThread * 100).toFixed(0)} % of a core`;
  // What others use could be ours: a machine is full when the run itself fills it.
  if (cores.idle + cores.other < wanted.idleCoresMin) return 'all cores are busy';
  return null;
}

export interface Tried {
  readonly cameras: number;
  readonly carried: boolean;
  /** Cores the program used (without the simulator), as the base of the next guess. */
  readonly coresUsed: number;
}

export interface RampBounds {
  /** Cameras of the first step. */
  readonly first: number;
  readonly camerasMax: number;
  readonly stepsMax: number;
  /** Cores this machine has. */
  readonly cores: number;
  /** The answer may be off by this share of itself; at least one camera. */
  readonly precision: number;
}

/**
 * How many cameras to try next, `null` when the answer is known well enough: up in the direction that the cores used so far
 * foretell, then halving between the most that was carried and the fewest that were not.
 */
export function nextCameras(tried: readonly Tried[], bounds: RampBounds): number | null {
  if (tried.length >= bounds.stepsMax) return null;
  const carried = Math.max(0, ...tried.filter((step) => step.carried).map((step) => step.cameras));
  const tooMany = Math.min(...tried.filter((step) => !step.carried).map((step) => step.cameras));
  if (carried >= bounds.camerasMax) return null;
  if (Number.isFinite(tooMany)) {
    if (tooMany - carried <= Math.max(1, Math.floor(carried * bounds.precision))) return null;
    return Math.floor((carried + tooMany) / 2);
  }
  return Math.min(bounds.camerasMax, carried === 0 ? bounds.first : guess(tried, carried, bounds));
}

function guess(tried: readonly Tried[], carried: number, { cores }: RampBounds): number {
  const last = tried.find((step) => step.cameras === carried);
  const room = last && last.coresUsed > 0 ? cores / last.coresUsed : 4;
  return carried + Math.max(1, Math.floor(carried * Math.min(3, Math.max(0.25, (room - 1) * 0.8))));
}
