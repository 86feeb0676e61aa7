import type { CameraPicture, CameraStatus } from '../bus/message.js';
import type { Frame } from '../data/frame.js';
import type { CameraId } from '../data/ids.js';
import type { Look } from '../data/look.js';
import type { DropReason, FrameOutcome } from '../data/outcome.js';
import type { ReadReport } from '../data/read.js';
import { assert } from '../data/result.js';
import { type Camera, type CameraSink, type CameraState, startCamera } from '../ingest/camera.js';
import type { FrameSlots } from '../ingest/frame_slots.js';
import { Relief } from '../ingest/relief.js';
import type { CameraSettings } from '../ingest/settings.js';
import { Turns } from '../ingest/turns.js';
import type { SlotUse } from '../observe/engine_totals.js';
import type { Log } from '../observe/log.js';
import { type AllStageTimes, StageClock } from '../observe/stage_times.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import { Tracker } from '../track/tracker.js';
import { type HeldFrame, Lane } from './lane.js';

/** Cameras -> frames -> candidates -> reads, inside one engine process: the order of its stages, and the count of every frame. */
export interface EngineFlow {
  /** One consistent look: the counts of each camera balance. */
  status(): CameraStatus[];
  /** Time spent in each stage by all cameras so far. */
  stages(): AllStageTimes;
  /** Slots that hold a frame, slots that exist, and frames that wait for a thread. */
  slots(): SlotUse;
  setService(cameraId: CameraId, inService: boolean): void;
  /** The camera's next decoded picture as a JPEG, for somebody who looks at it; whoever asks meanwhile gets the same one. */
  preview(cameraId: CameraId): Promise<CameraPicture | null>;
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
  readonly onState?: (cameraId: CameraId, state: CameraState) => void;
  readonly log: Log;
  /** Cameras that start out of service. */
  readonly outOfService?: readonly CameraId[];
}

const dueEveryMs = 250;
const relievedEveryMs = 1000;
/** A frame that has less than this left at its turn is a sign that the next will be late. */
const nearlyLateMs = 200;

export function startEngineFlow(options: EngineFlowOptions): EngineFlow {
  const { pipeline, log, onReport } = options;
  const lanes = new Map<CameraId, Lane>();
  const stageClock = new StageClock();
  const relief = new Relief();
  const load = { share: () => relief.share, turns: new Turns(pipeline.threads + 1) };
  // A thread has one frame in work and one at hand; all others wait here, where a late one can still give way.
  const turns = new Turns(2 * pipeline.threads);
  const laneOf = (id: CameraId): Lane => {
    const lane = lanes.get(id);
    assert(lane, `camera ${id} has a lane`);
    return lane;
  };

  /** The next frame of a camera, from its slot to its outcome. */
  async function work(lane: Lane): Promise<void> {
    const askedAtMs = performance.now();
    // One more frame of a vehicle that has been seen and not told yet is worth more than a look at an empty road.
    await turns.take(lane.tracker.isUndecided());
    for (const late of lane.takeLate(Date.now())) end(lane, late, { kind: 'dropped', reason: 'late' });
    const held = lane.next();
    assert(held, 'who has a turn has a frame');
    if (held.frame.lateAtMs !== null && Date.now() > held.frame.lateAtMs - nearlyLateMs) lane.nearlyLate += 1;
    const look = lane.tracker.look(held.frame);
    const waitedMs = performance.now() - askedAtMs;
    const outcome = await pipeline.submit(held.frame, held.slots, look);
    if ('stageMs' in outcome && look.search !== 'nowhere') {
      stageClock.observe('queue', waitedMs + outcome.stageMs.queue);
      stageClock.observe('detect', outcome.stageMs.detect);
      if (outcome.stageMs.read > 0) stageClock.observe('read', outcome.stageMs.read);
    }
    await track(lane, held.frame, held.slots, look, outcome);
    turns.give();
    end(lane, held, outcome);
  }

  /** Whatever happened: the slot is released, and the frame counted once. */
  function end(lane: Lane, { frame, slots }: HeldFrame, outcome: FrameOutcome): void {
    slots.release(frame.slot);
    lane.counts.inFlight -= 1;
    lane.settle(outcome.kind, outcome.kind === 'read' ? 'candidate' : outcome.reason);
    if (outcome.kind === 'failed') log.warn({ camera: frame.cameraId, reason: outcome.message }, 'frame failed');
    options.onOutcome?.(frame, outcome);
  }

  async function track(lane: Lane, frame: Frame, slots: FrameSlots, look: Look, outcome: FrameOutcome): Promise<void> {
    if (outcome.kind !== 'read' && outcome.kind !== 'empty') return;
    const candidates = outcome.kind === 'read' ? outcome.candidates : [];
    const startedAtMs = performance.now();
    const better = lane.tracker.observe(frame, candidates, look);
    stageClock.observe('track', performance.now() - startedAtMs);
    for (const best of better) {
      const askedAtMs = performance.now();
      const images = await pipeline.evidence(frame, slots, best.candidate.box);
      stageClock.observe('evidence', performance.now() - askedAtMs);
      if (images) lane.tracker.keepEvidence(best, frame, images);
    }
    lane.sawFrame(frame.capturedAtMs);
    for (const report of lane.tracker.due(frame.capturedAtMs)) onReport(report);
  }

  function drop(cameraId: CameraId, reason: DropReason): void {
    const lane = laneOf(cameraId);
    lane.counts.captured += 1;
    lane.settle('dropped', reason);
    const nowMs = lane.nowMs();
    if (reason !== 'no_slot' && nowMs !== null) for (const report of lane.tracker.interrupted(nowMs)) onReport(report);
  }

  const sink: CameraSink = {
    onFrame(frame, slots) {
      const lane = laneOf(frame.cameraId);
      lane.counts.captured += 1;
      lane.counts.inFlight += 1;
      lane.add({ frame, slots }, () => work(lane));
    },
    onEmpty(cameraId, reason) {
      const lane = laneOf(cameraId);
      lane.counts.captured += 1;
      lane.settle('empty', reason);
    },
    makeRoom(cameraId) {
      const lane = laneOf(cameraId);
      const oldest = lane.next();
      if (oldest) end(lane, oldest, { kind: 'dropped', reason: 'no_slot' });
    },
    onDropped: drop,
    onUndecoded(cameraId, reason) {
      laneOf(cameraId).undecoded += 1;
      drop(cameraId, reason);
    },
    onState: (cameraId, state) => options.onState?.(cameraId, state),
  };

  const cameras = new Map<CameraId, Camera>();
  for (const settings of options.cameras) {
    const id = settings.id as CameraId;
    lanes.set(id, new Lane(new Tracker({ cameraId: id, run: options.run, model: pipeline.model })));
    cameras.set(
      id,
      startCamera(settings, {
        inService: !options.outOfService?.includes(id),
        sink,
        load,
        detectorInput: pipeline.detectorInput,
        stageClock,
        log,
      }),
    );
  }
  const timer = setInterval(() => {
    for (const [id, lane] of lanes) {
      // The camera's clock goes on while its picture stands still and no frame comes.
      const nowMs = lane.nowMs();
      if (nowMs !== null && cameras.get(id)?.state().kind === 'playing' && lane.counts.inFlight === 0)
        for (const report of lane.tracker.due(nowMs)) onReport(report);
    }
  }, dueEveryMs);
  const relieving = setInterval(() => {
    const all = [...lanes.values()];
    const undecoded = sum(all, (lane) => lane.undecoded);
    const dropped = sum(all, (lane) => lane.counts.dropped + lane.nearlyLate);
    relief.told(sum(all, (lane) => lane.counts.captured) - undecoded, dropped - undecoded);
  }, relievedEveryMs);

  async function finish(): Promise<void> {
    clearInterval(timer);
    clearInterval(relieving);
    for (const lane of lanes.values()) await lane.tail;
    for (const lane of lanes.values()) for (const report of lane.tracker.flush()) onReport(report);
  }

  const ended = Promise.all([...cameras.values()].map((camera) => camera.ended)).then(finish);
  return {
    status: () =>
      [...lanes].map(([cameraId, lane]) => {
        const camera = cameras.get(cameraId);
        const state = camera?.state();
        const stats = camera?.stats();
        return {
          cameraId,
          state: state?.kind ?? 'stopped',
          reason: state?.reason ?? '',
          counts: { ...lane.counts },
          reasons: Object.fromEntries(lane.reasons),
          stream: {
            fps: stats?.fps ?? null,
            fpsWanted: options.cameras.find(({ id }) => id === cameraId)?.analysedFps ?? 0,
            clockOffsetMs: stats?.clockOffsetMs ?? null,
          },
          passedOver: stats?.passedOver ?? 0,
        };
      }),
    stages: () => stageClock.snapshot(),
    slots: () => ({
      inUse: sum([...lanes.values()], (lane) => lane.counts.inFlight),
      count: sum(options.cameras, (camera) => camera.slots),
      waiting: sum([...lanes.values()], (lane) => lane.waiting),
    }),
    setService: (cameraId, inService) => cameras.get(cameraId)?.setService(inService),
    preview: onceAtATime(async (cameraId) => {
      const slots = (await cameras.get(cameraId)?.preview()) ?? null;
      if (slots === null) return null;
      const jpeg = await pipeline.picture(slots, 0);
      slots.release(0);
      return jpeg && { jpeg, width: slots.layout.width, height: slots.layout.height };
    }),
    ended,
    async stop(reason) {
      await Promise.all([...cameras.values()].map((camera) => camera.stop(reason)));
      await ended;
    },
  };
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** Calls with a key that is being answered already wait for that answer. */
function onceAtATime<Key, Value>(ask: (key: Key) => Promise<Value>): (key: Key) => Promise<Value> {
  const asked = new Map<Key, Promise<Value>>();
  return (key) => {
    const answer = asked.get(key) ?? ask(key).finally(() => asked.delete(key));
    asked.set(key, answer);
    return answer;
  };
}
