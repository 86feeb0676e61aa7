import type { CameraStatus } from './bus/message.js';
import type { Frame } from './data/frame.js';
import type { CameraId } from './data/ids.js';
import type { Look } from './data/look.js';
import { type FrameCounts, type FrameOutcome, noFrames } from './data/outcome.js';
import type { ReadReport } from './data/read.js';
import { assert } from './data/result.js';
import { type Camera, type CameraSink, startCamera } from './ingest/camera.js';
import type { FrameSlots } from './ingest/frame_slots.js';
import type { CameraSettings } from './ingest/settings.js';
import type { Log } from './observe/log.js';
import type { Pipeline } from './pipeline/pipeline.js';
import { Tracker } from './track/tracker.js';

/** Cameras -> frames -> candidates -> reads, inside one engine process: the order of its stages, and the count of every frame. */
export interface EngineFlow {
  /** One consistent look: the counts of each camera balance. */
  status(): CameraStatus[];
  setService(cameraId: CameraId, inService: boolean): void;
  /** Resolves when every camera has ended by itself (files) and every frame is settled. */
  readonly ended: Promise<void>;
  /** Stops the cameras, settles their frames, tells the last reads. */
  stop(reason: string): Promise<void>;
}

export interface EngineFlowOptions {
  readonly cameras: readonly CameraSettings[];
  readonly pipeline: Pipeline;
  /** Unique to this run of the engine; part of each read's id. */
  readonly run: string;
  readonly onReport: (report: ReadReport) => void;
  /** Each settled frame, for benches and `read`. */
  readonly onOutcome?: (frame: Frame, outcome: FrameOutcome) => void;
  readonly log: Log;
}

/** What one camera's frames came to. */
class Lane {
  readonly counts: FrameCounts = noFrames();
  readonly reasons = new Map<string, number>();
  readonly tracker: Tracker;
  tail: Promise<void> = Promise.resolve();
  #lastFrame: { readonly capturedAtMs: number; readonly atMs: number } | null = null;

  constructor(tracker: Tracker) {
    this.tracker = tracker;
  }

  sawFrame(capturedAtMs: number): void {
    this.#lastFrame = { capturedAtMs, atMs: performance.now() };
  }

  /** Now, on the clock that gives the frames their capture times; `null` before the first. */
  nowMs(): number | null {
    return this.#lastFrame && this.#lastFrame.capturedAtMs + performance.now() - this.#lastFrame.atMs;
  }

  settle(kind: 'read' | 'empty' | 'dropped' | 'failed', reason: string): void {
    this.counts[kind] += 1;
    const key = `${kind}:${reason}`;
    this.reasons.set(key, (this.reasons.get(key) ?? 0) + 1);
  }
}

const dueEveryMs = 250;

export function startEngineFlow(options: EngineFlowOptions): EngineFlow {
  const { pipeline, log, onReport } = options;
  const lanes = new Map<CameraId, Lane>();
  const laneOf = (id: CameraId): Lane => {
    const lane = lanes.get(id);
    assert(lane, `camera ${id} has a lane`);
    return lane;
  };

  /** One frame from its slot to its outcome; whatever happens, the slot is released and the frame counted once. */
  async function work(frame: Frame, slots: FrameSlots): Promise<void> {
    const lane = laneOf(frame.cameraId);
    const look = lane.tracker.look(frame);
    const outcome = await pipeline.submit(frame, slots, look);
    await track(lane, frame, slots, look, outcome);
    slots.release(frame.slot);
    lane.counts.inFlight -= 1;
    lane.settle(outcome.kind, outcome.kind === 'read' ? 'candidate' : outcome.reason);
    if (outcome.kind === 'failed') log.warn({ camera: frame.cameraId, reason: outcome.message }, 'frame failed');
    options.onOutcome?.(frame, outcome);
  }

  async function track(lane: Lane, frame: Frame, slots: FrameSlots, look: Look, outcome: FrameOutcome): Promise<void> {
    if (outcome.kind !== 'read' && outcome.kind !== 'empty') return;
    const candidates = outcome.kind === 'read' ? outcome.candidates : [];
    for (const best of lane.tracker.observe(frame, candidates, look)) {
      const images = await pipeline.evidence(frame, slots, best.candidate.box);
      if (images) lane.tracker.keepEvidence(best, frame, images);
    }
    lane.sawFrame(frame.capturedAtMs);
    for (const report of lane.tracker.due(frame.capturedAtMs)) onReport(report);
  }

  const sink: CameraSink = {
    onFrame(frame, slots) {
      const { counts } = laneOf(frame.cameraId);
      counts.captured += 1;
      counts.inFlight += 1;
      // One frame of a camera at a time, in order: where the next is searched depends on what this one showed.
      const lane = laneOf(frame.cameraId);
      lane.tail = lane.tail.then(() => work(frame, slots));
    },
    onEmpty(cameraId, reason) {
      const lane = laneOf(cameraId);
      lane.counts.captured += 1;
      lane.settle('empty', reason);
    },
    onDropped(cameraId, reason) {
      const lane = laneOf(cameraId);
      lane.counts.captured += 1;
      lane.settle('dropped', reason);
    },
    onState() {},
  };

  const cameras = new Map<CameraId, Camera>();
  for (const settings of options.cameras) {
    const id = settings.id as CameraId;
    lanes.set(id, new Lane(new Tracker({ cameraId: id, run: options.run, model: pipeline.model })));
    cameras.set(id, startCamera(settings, { sink, detectorInput: pipeline.detectorInput, log }));
  }
  const timer = setInterval(() => {
    for (const [id, lane] of lanes) {
      // The camera's clock goes on while its picture stands still and no frame comes.
      const nowMs = lane.nowMs();
      if (nowMs !== null && cameras.get(id)?.state().kind === 'playing' && lane.counts.inFlight === 0)
        for (const report of lane.tracker.due(nowMs)) onReport(report);
    }
  }, dueEveryMs);

  async function finish(): Promise<void> {
    clearInterval(timer);
    for (const lane of lanes.values()) await lane.tail;
    for (const lane of lanes.values()) for (const report of lane.tracker.flush()) onReport(report);
  }

  const ended = Promise.all([...cameras.values()].map((camera) => camera.ended)).then(finish);
  return {
    status: () =>
      [...lanes].map(([cameraId, lane]) => {
        const state = cameras.get(cameraId)?.state();
        return {
          cameraId,
          state: state?.kind ?? 'stopped',
          reason: state?.reason ?? '',
          counts: { ...lane.counts },
          reasons: Object.fromEntries(lane.reasons),
        };
      }),
    setService: (cameraId, inService) => cameras.get(cameraId)?.setService(inService),
    ended,
    async stop(reason) {
      await Promise.all([...cameras.values()].map((camera) => camera.stop(reason)));
      await ended;
    },
  };
}
