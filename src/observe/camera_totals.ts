import type { CameraId } from '../data/ids.js';
import { type FrameCounts, isBalanced, noFrames } from '../data/outcome.js';
import { assert } from '../data/result.js';

/** What one engine run says of one camera, all of one moment. */
export interface CameraSnapshot {
  readonly cameraId: CameraId;
  readonly counts: FrameCounts;
  readonly reasons: Readonly<Record<string, number>>;
}

/**
 * Frame counts per camera over all engine runs. Balanced at every moment: a run's last snapshot stands until the next, and
 * when an engine is lost, what was in flight becomes `failed: engine_lost`.
 */
export class CameraTotals {
  readonly #settled = new Map<CameraId, { counts: FrameCounts; reasons: Map<string, number> }>();
  readonly #running = new Map<string, readonly CameraSnapshot[]>();

  /** Replaces what is known of a running engine. */
  update(engine: string, cameras: readonly CameraSnapshot[]): void {
    for (const camera of cameras) assert(isBalanced(camera.counts), `frames of ${camera.cameraId} balance`);
    this.#running.set(engine, cameras);
  }

  /** The engine is gone: its counts are final. */
  engineEnded(engine: string): void {
    for (const camera of this.#running.get(engine) ?? []) {
      const total = this.#totalOf(camera.cameraId);
      addTo(total, camera);
      const { inFlight } = total.counts;
      if (inFlight > 0) add(total.reasons, 'failed:engine_lost', inFlight);
      total.counts.failed += inFlight;
      total.counts.inFlight = 0;
    }
    this.#running.delete(engine);
  }

  /** Every camera ever seen, with its totals. */
  all(): Map<CameraId, { readonly counts: FrameCounts; readonly reasons: ReadonlyMap<string, number> }> {
    const result = new Map(
      [...this.#settled].map(([id, t]) => [id, { counts: { ...t.counts }, reasons: new Map(t.reasons) }] as const),
    );
    for (const camera of [...this.#running.values()].flat()) {
      const total = result.get(camera.cameraId) ?? { counts: noFrames(), reasons: new Map<string, number>() };
      addTo(total, camera);
      result.set(camera.cameraId, total);
    }
    return result;
  }

  #totalOf(cameraId: CameraId) {
    const known = this.#settled.get(cameraId) ?? { counts: noFrames(), reasons: new Map<string, number>() };
    this.#settled.set(cameraId, known);
    return known;
  }
}

function add(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

function addTo(total: { counts: FrameCounts; reasons: Map<string, number> }, camera: CameraSnapshot): void {
  for (const key of Object.keys(total.counts) as (keyof FrameCounts)[]) total.counts[key] += camera.counts[key];
  for (const [reason, count] of Object.entries(camera.reasons)) add(total.reasons, reason, count);
}

/** One row for a summary: the sum over cameras. */
export function sumCounts(totals: Iterable<{ readonly counts: FrameCounts }>): FrameCounts {
  const sum = noFrames();
  for (const { counts } of totals) for (const key of Object.keys(sum) as (keyof FrameCounts)[]) sum[key] += counts[key];
  return sum;
}
