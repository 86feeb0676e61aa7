import type { CameraId, EngineId } from '../data/ids.js';
import type { FrameCounts } from '../data/outcome.js';
import type { ReadReport } from '../data/read.js';

/** Everything that crosses between control and an engine, as plain data (structured clone). */
export type ToEngine<Settings> =
  | { readonly kind: 'start'; readonly engine: EngineId; readonly settings: Settings }
  /** The report with this number is durable in control: the engine may forget it. */
  | { readonly kind: 'ack'; readonly number: number }
  /** A camera removed from service decodes no frame until it is returned [IV.B.2.a(3)]. */
  | { readonly kind: 'service'; readonly cameraId: CameraId; readonly inService: boolean }
  | { readonly kind: 'preview'; readonly request: number; readonly cameraId: CameraId }
  | { readonly kind: 'stop'; readonly reason: string };

export type ToControl =
  | { readonly kind: 'ready'; readonly model: string; readonly inference: string }
  | { readonly kind: 'report'; readonly number: number; readonly report: ReadReport }
  | { readonly kind: 'status'; readonly status: EngineStatus }
  | { readonly kind: 'preview'; readonly request: number; readonly jpeg: Uint8Array | null }
  | { readonly kind: 'stopped'; readonly reason: string };

/** One consistent look at an engine: the counts of each camera balance. */
export interface EngineStatus {
  readonly cameras: readonly CameraStatus[];
  readonly unsent: number;
  readonly spooled: number;
  readonly lostReports: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
}

export interface CameraStatus {
  readonly cameraId: CameraId;
  readonly state: string;
  readonly reason: string;
  readonly counts: FrameCounts;
  /** Frames that ended so, by `<outcome>:<reason>`. */
  readonly reasons: Readonly<Record<string, number>>;
}
