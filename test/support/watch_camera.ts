import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Frame } from '../../src/data/frame.js';
import { type Camera, type CameraState, startCamera } from '../../src/ingest/camera.js';
import { type CameraSettings, cameraSettings } from '../../src/ingest/settings.js';
import { StageClock } from '../../src/observe/stage_times.js';

/** A camera watched for a test: its frames (slots given back at once), states, counts and log lines. */
export interface WatchedCamera {
  readonly camera: Camera;
  readonly frames: Frame[];
  readonly states: CameraState[];
  readonly counts: { empty: number; dropped: number };
  logged(): string;
}

export function watchCamera(url: string, more: Partial<CameraSettings> = {}): WatchedCamera {
  const frames: Frame[] = [];
  const states: CameraState[] = [];
  const counts = { empty: 0, dropped: 0 };
  let logged = '';
  const sink = new Writable({
    write(chunk, _, done) {
      logged += chunk;
      done();
    },
  });
  const camera = startCamera(cameraSettings.parse({ id: 'cam', url, ...more }), {
    detectorInput: { width: 640, height: 384 },
    log: pino({ level: 'debug' }, sink),
    stageClock: new StageClock(),
    random: () => 0,
    sink: {
      onFrame(frame, slots) {
        frames.push(frame);
        slots.release(frame.slot);
      },
      onEmpty() {
        counts.empty += 1;
      },
      makeRoom() {},
      onUndecoded() {},
      onDropped() {
        counts.dropped += 1;
      },
      onState: (_, state) => states.push(state),
    },
  });
  return { camera, frames, states, counts, logged: () => logged };
}
