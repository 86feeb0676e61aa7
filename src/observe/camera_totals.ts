import type { CameraId } from '../data/ids.js';
import { type FrameCounts, isBalanced, noFrames } from '../data/outcome.js';
import { assert } from '../data/result.js';

/** What one engine run says of one camera, all of one moment. */
export interface CameraSnapshot {
  readonly cameraId: CameraId;
  readonly counts: FrameCounts;
  readonly reasons: Readonly<Record<string, number>>;
  readonly passedOver: number;
}

/** What all runs together say of one camera. */
export interface CameraTotal {
  readonly counts: FrameCounts;
  readonly reasons: Map<string, number>;
  passedOver: number;
}

const nothing = (): CameraTotal => ({ counts: noFrames(), reasons: new Map(), passedOver: 0 });

/**
 * Frame counts per camera over all engine runs. Balanced at every moment: a run's last snapshot stands until the next, and
 * when an engine is lost, what was in flight becomes `failed: engine_lost`.
 */
export class CameraTotals {
  readonly #settled = new Map<CameraId, CameraTotal>();
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
  all(): ReadonlyMap<CameraId, CameraTotal> {
    const result = new Map(
      [...this.#settled].map(
        ([id, t]) => [id, { ...t, counts: { ...t.counts }, reasons: new Map(t.reasons) }] as const,
      ),
    );
    for (const camera of [...this.#running.values()].flat()) {
      const total = result.get(camera.cameraId) ?? nothing();
      addTo(total, camera);
      result.set(camera.cameraId, total);
    }
    return result;
  }

  #totalOf(cameraId: CameraId): CameraTotal {
    const known = this.#settled.get(cameraId) ?? nothing();
    this.#settled.set(cameraId, known);
    return known;
  }
}

function add(map: Map<string, number>, key: string, count: number): void {
  map.set(key, (map.get(key) ?? 0) + count);
}

function addTo(total: CameraTotal, camera: CameraSnapshot): void {
  total.passedOver += camera.passedOver;
  for (const key of Object.keys(total.counts) as (keyof FrameCounts)[]) total.counts[key] += camera.counts[key];
  for (const [reason, count] of Object.entries(camera.reasons)) add(total.reasons, reason, count);
}

/** One row for a summary: the sum over cameras. */
export function sumCounts(totals: Iterable<{ readonly counts: FrameCounts }>): FrameCounts {
  const sum = noFrames();
  for (const { counts } of totals) for (const key of Object.keys(sum) as (keyof FrameCounts)[]) sum[key] += counts[key];
  return sum;
}
