import { Hono } from 'hono';
import type { FrameCounts } from '../data/outcome.js';

/** A camera as technicians see it; no URL and no credential. */
export interface CameraView {
  readonly id: string;
  readonly state: string;
  readonly reason: string;
  readonly inService: boolean;
  readonly counts: FrameCounts;
  readonly reasons: Readonly<Record<string, number>>;
}

export function cameraRoutes(cameras: () => readonly CameraView[]): Hono {
  return new Hono().get('/', (c) => c.json({ cameras: cameras() }));
}
