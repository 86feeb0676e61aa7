import { type FrameCounts, isBalanced } from './data/outcome.js';
import { type CameraTotals, sumCounts } from './observe/camera_totals.js';

/** What a run came to, as `demo` and `serve` print it at the end. */
export interface Summary extends FrameCounts {
  readonly cameras: number;
  readonly reads: number;
  readonly alerts: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  readonly balanced: boolean;
}

export function summaryOf(
  totals: CameraTotals,
  run: { cameras: number; reads: number; alerts: number; latenciesMs: readonly number[] },
): Summary {
  const perCamera = [...totals.all().values()];
  const counts = sumCounts(perCamera);
  const { cameras, reads, alerts, latenciesMs } = run;
  return {
    cameras,
    ...counts,
    reads,
    alerts,
    latencyMs: { p50: percentile(latenciesMs, 0.5), p99: percentile(latenciesMs, 0.99) },
    balanced: isBalanced(counts) && perCamera.every((camera) => isBalanced(camera.counts)),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
}
