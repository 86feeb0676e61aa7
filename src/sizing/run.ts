import { cpus } from 'node:os';
import type { SizingClip } from './clip.js';
import { type CameraKind, roads } from './kind.js';
import { startSimulator } from './program.js';
import { limitOf, nextCameras, type RampBounds } from './ramp.js';
import { coreCount, measureStep, type StepFigures } from './step.js';

/** A measured step and why it was too much (`null`: it was carried). */
export interface JudgedStep extends StepFigures {
  readonly limit: string | null;
}

/** The answer of `bench cameras`. */
export interface SizingResult {
  readonly kind: CameraKind;
  readonly machine: { readonly cores: number; readonly cpu: string; readonly node: string };
  /** In the order of the number of cameras. */
  readonly steps: readonly JudgedStep[];
  /** The most cameras that were carried; 0 when one was too much. */
  readonly carried: number;
  readonly limitedBy: string;
  /** Core milliseconds of control and engine for one analysed frame, at the carried step; where none was carried, at the smallest. */
  readonly coreMsPerFrame: number;
  /** Cameras on each kind of road; those not measured are estimated from the cost of a frame. */
  readonly byRoad: readonly {
    readonly limit: string;
    readonly fps: number;
    readonly cameras: number;
    readonly measured: boolean;
  }[];
  /** The run at 80 % of the carried cameras, and at three times as many. */
  readonly at80: StepFigures | null;
  readonly at300: StepFigures | null;
}

export interface SizingOptions {
  readonly kind: CameraKind;
  readonly clip: SizingClip;
  readonly bounds: Omit<RampBounds, 'cores'>;
  /** No further step is begun that would not end within this time. */
  readonly budgetMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly engine: { readonly inference: string; readonly threads?: number };
  /** Also measure 80 % of the answer, and three times the answer. */
  readonly rated: boolean;
  readonly overload: boolean;
  readonly onStep: (step: JudgedStep) => void;
}

const overloadFactor = 3;

/** Ramps cameras until something gives way. @throws one line when not even the first step could be measured. */
export async function sizeMachine(options: SizingOptions): Promise<SizingResult> {
  const { kind, clip, bounds } = options;
  const simulator = await startSimulator([clip.file], bounds.camerasMax * overloadFactor, kind.seed);
  const steps: JudgedStep[] = [];
  const measure = async (cameras: number): Promise<JudgedStep> => {
    const figures = await measureStep({ ...options, cameras, simulator });
    const step = { ...figures, limit: limitOf(figures) };
    options.onStep(step);
    return step;
  };
  try {
    const startedAtMs = performance.now();
    let longestMs = 0;
    while (performance.now() - startedAtMs + longestMs < options.budgetMs) {
      const tried = steps.map((step) => ({ ...step, carried: step.limit === null, coresUsed: coresUsed(step) }));
      const cameras = nextCameras(tried, { ...bounds, cores: coreCount() });
      if (cameras === null) break;
      const stepAtMs = performance.now();
      steps.push(await measure(cameras));
      longestMs = Math.max(longestMs, performance.now() - stepAtMs);
    }
    const carried = Math.max(0, ...steps.filter((step) => step.limit === null).map((step) => step.cameras));
    const known = (cameras: number) => steps.find((step) => step.cameras === cameras) ?? measure(cameras);
    const at80 = options.rated && carried > 0 ? await known(Math.max(1, Math.floor(carried * 0.8))) : null;
    const at300 = options.overload && carried > 0 ? await measure(carried * overloadFactor) : null;
    return answer(options, steps, carried, at80, at300);
  } finally {
    await simulator.stop();
  }
}

function coresUsed({ cores }: StepFigures): number {
  return cores.control + cores.engine;
}

function answer(
  { kind, bounds }: SizingOptions,
  steps: readonly JudgedStep[],
  carried: number,
  at80: StepFigures | null,
  at300: StepFigures | null,
): SizingResult {
  const sorted = [...steps].sort((a, b) => a.cameras - b.cameras);
  const best = sorted.find((step) => step.cameras === carried) ?? sorted[0];
  const first = sorted.find((step) => step.limit !== null);
  return {
    kind,
    machine: { cores: coreCount(), cpu: cpus()[0]?.model ?? 'unknown', node: process.version },
    steps: sorted,
    carried,
    limitedBy: first ? `${first.limit} with ${first.cameras} cameras` : stoppedBecause(carried, bounds),
    coreMsPerFrame: best ? (coresUsed(best) * best.seconds * 1000) / Math.max(1, best.frames.analysed) : 0,
    byRoad: roads.map(({ limit, fps }) => ({
      limit,
      fps,
      cameras: Math.floor((carried * kind.fps) / fps),
      measured: fps === kind.fps,
    })),
    at80,
    at300,
  };
}

function stoppedBecause(carried: number, { camerasMax }: SizingOptions['bounds']): string {
  return carried >= camerasMax
    ? `the bench was told to try at most ${camerasMax} cameras`
    : "the bench's own time was up";
}
