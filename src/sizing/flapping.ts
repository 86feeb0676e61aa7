import type { Fault } from '../simulator/rtsp/camera.js';
import type { RtspServerHandle } from '../simulator/rtsp/server.js';
import type { Flap, FlapKind } from './flap_plan.js';
import { type Spread, spreadOf } from './spread.js';
import type { Watch } from './watch.js';

export interface FlappingOptions {
  readonly server: Pick<RtspServerHandle, 'setFault'>;
  readonly watch: Watch;
  /** Of the program, in the order of the plan. */
  readonly cameraIds: readonly string[];
  readonly plan: readonly (readonly Flap[])[];
  /** Simulated milliseconds in a real one: pauses between faults are shortened by it, faults and recoveries are not. */
  readonly speedUp: number;
}

/** What came of the plan. */
export interface FlappingResult {
  readonly faults: number;
  /** From the end of a fault to fresh frames of a camera that plays, seconds, by kind of fault. */
  readonly recoverySeconds: Readonly<Partial<Record<FlapKind, Spread & { readonly times: number }>>>;
  /** Cameras that did not come back, or did not notice that they were away. */
  readonly stuck: readonly string[];
  /** Cameras whose plates or stream had changed so much that the policy took them out of service; their plan ends there. */
  readonly takenOut: readonly string[];
}

export interface Flapping {
  /** Faults that are over, and the simulated time of the latest, so far. */
  progress(): { readonly faults: number; readonly simulatedMs: number };
  readonly ended: Promise<FlappingResult>;
}

/** A fault that takes the picture away lasts until the program says so; reading and reconnecting have their own time limits. */
const noticeMsMax = 30_000;
/** The longest wait before an attempt is 30 s, opening takes up to 5 s, a key frame comes within some seconds. */
const recoverMsMax = 60_000;
/** Of a fault that takes nothing away: pictures with holes, or of another size. */
const holdMs = 2_000;
/** So many frames after its fault a camera is back: more than one that was in work before it. */
const freshFrames = 5;

/** Plays each camera's plan, one fault after the other; cameras do not wait for each other. */
export function startFlapping(options: FlappingOptions): Flapping {
  const times = new Map<FlapKind, number[]>();
  const stuck: string[] = [];
  const takenOut: string[] = [];
  let faults = 0;
  let simulatedMs = 0;
  const startedAtMs = performance.now();

  function isIn(camera: string, state: string): boolean {
    return options.watch.latest().sum('platestream_camera_state', { camera, state }) === 1;
  }

  async function playAll(camera: number): Promise<void> {
    for (const flap of options.plan[camera] ?? []) {
      await pause(flap.atMs / options.speedUp - (performance.now() - startedAtMs));
      const problem = await play(camera, flap);
      const id = options.cameraIds[camera] ?? '';
      if (isIn(id, 'out_of_service')) {
        takenOut.push(`${id} after ${flap.kind}`);
        return;
      }
      if (problem !== null) {
        stuck.push(`${id} after ${flap.kind}: ${problem}`);
        return;
      }
      faults += 1;
      simulatedMs = Math.max(simulatedMs, flap.atMs);
    }
  }

  /** @returns what went wrong, `null` when the camera is back. */
  async function play(camera: number, { kind }: Flap): Promise<string | null> {
    const { server, watch } = options;
    const id = options.cameraIds[camera] ?? '';
    const plays = () => isIn(id, 'playing');
    const isOut = () => isIn(id, 'out_of_service');
    const captured = () => watch.latest().sum('platestream_frames_captured_total', { camera: id });
    // Only whoever connects meets a wrong description or a refusal.
    if (kind === 'unauthorised' || kind === 'wrong_sdp') server.setFault(camera, { kind: 'disconnect' });
    server.setFault(camera, faultOf(kind));
    if (takesPictureAway(kind)) {
      if (!(await watch.until(() => !plays(), noticeMsMax))) return 'not noticed';
    } else await pause(holdMs);
    server.setFault(camera, { kind: 'none' });
    const [overAtMs, before] = [performance.now(), captured()];
    const isBack = () => isOut() || (plays() && captured() >= before + freshFrames);
    if (!(await watch.until(isBack, recoverMsMax))) return `no fresh frames for ${recoverMsMax / 1000} s`;
    if (isOut()) return null;
    const seconds = (performance.now() - overAtMs) / 1000;
    times.set(kind, [...(times.get(kind) ?? []), seconds]);
    return null;
  }

  const ended = Promise.all(options.plan.map((_, camera) => playAll(camera))).then(() => ({
    faults,
    recoverySeconds: Object.fromEntries(
      [...times].map(([kind, all]) => [kind, { ...spreadOf(all), times: all.length }]),
    ),
    stuck,
    takenOut,
  }));
  return { progress: () => ({ faults, simulatedMs }), ended };
}

function faultOf(kind: FlapKind): Fault {
  return kind === 'packet_loss' ? { kind, share: 0.1 } : { kind };
}

/** A connection that is cut is made again within a second: too soon to be seen for sure. */
function takesPictureAway(kind: FlapKind): boolean {
  return kind === 'stall' || kind === 'reconnect_storm' || kind === 'unauthorised' || kind === 'wrong_sdp';
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
