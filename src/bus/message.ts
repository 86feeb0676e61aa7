import type { Answer } from '../data/answer.js';
import type { CameraId, EngineId } from '../data/ids.js';
import type { FrameCounts } from '../data/outcome.js';
import type { ReadReport } from '../data/read.js';
import type { SlotUse } from '../observe/engine_totals.js';
import type { AllStageTimes } from '../observe/stage_times.js';

/** Everything that crosses between control and an engine, as plain data (structured clone). */
export type ToEngine<Settings> =
  | {
      readonly kind: 'start';
      readonly engine: EngineId;
      readonly settings: Settings;
      readonly outOfService: readonly CameraId[];
    }
  | { readonly kind: 'answer'; readonly number: number; readonly answer: Answer }
  /** A camera removed from service decodes no frame until it is returned [IV.B.2.a(3)]. */
  | { readonly kind: 'service'; readonly cameraId: CameraId; readonly inService: boolean }
  | { readonly kind: 'preview'; readonly request: number; readonly cameraId: CameraId }
  | { readonly kind: 'stop'; readonly reason: string };

export type ToControl =
  | { readonly kind: 'ready'; readonly model: string; readonly inference: string }
  | { readonly kind: 'report'; readonly number: number; readonly report: ReadReport }
  | { readonly kind: 'status'; readonly status: EngineStatus }
  | { readonly kind: 'preview'; readonly request: number; readonly picture: CameraPicture | null }
  | { readonly kind: 'stopped'; readonly reason: string };

/** A whole frame for somebody who aligns a camera: a JPEG of reduced size, and the size of the frame it shows. */
export interface CameraPicture {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One consistent look at an engine: the counts of each camera balance. */
export interface EngineStatus {
  readonly cameras: readonly CameraStatus[];
  readonly unsent: number;
  readonly spooled: number;
  readonly lostReports: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly stages: AllStageTimes;
  readonly slots: SlotUse;
  readonly model: string;
  readonly inference: string;
}

/** What a stream tells of its camera, measured where it is received; `null` = not known (yet). */
interface StreamSigns {
  /** Pictures a second by the stream's own time, over the last seconds; a busy machine does not change it. */
  readonly fps: number | null;
  /** Pictures a second it is configured to give. */
  readonly fpsWanted: number;
  /** The camera's clock minus ours, ms. */
  readonly clockOffsetMs: number | null;
}

export interface CameraStatus {
  readonly cameraId: CameraId;
  readonly state: string;
  readonly reason: string;
  readonly counts: FrameCounts;
  /** Frames that ended so, by `<outcome>:<reason>`. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly stream: StreamSigns;
  /** Pictures of the stream that were not decoded or not looked at because the road was still; they are not captured. */
  readonly passedOver: number;
}
