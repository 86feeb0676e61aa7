import type { LiveCamera } from '../api/cameras.js';
import type { CameraPicture, CameraStatus, EngineStatus } from '../bus/message.js';
import type { CameraService } from '../cameras/service.js';
import type { Config } from '../config.js';
import type { Answer } from '../data/answer.js';
import type { CameraId } from '../data/ids.js';
import { noFrames } from '../data/outcome.js';
import type { ReadReport } from '../data/read.js';
import { CameraTotals } from '../observe/camera_totals.js';
import { EngineTotals } from '../observe/engine_totals.js';
import type { Log } from '../observe/log.js';
import type { ScrapedValues } from '../observe/scraped.js';
import { LocalEngines } from './local_engines.js';
import { openRemoteEngines, type RemoteEngines } from './remote_engines.js';
import type { EngineState } from './supervisor.js';

export interface EngineParts {
  readonly service: CameraService;
  readonly live: (report: ReadReport) => Promise<Answer>;
  /** Hears what every camera does, several times a second. */
  readonly onCamera: (camera: CameraStatus) => void;
  readonly config: Pick<Config, 'bus' | 'cameras' | 'engine' | 'log'>;
  readonly spoolFolder: string;
  readonly log: Log;
}

/** The engines as the rest of control sees them: what they do, what their cameras came to, how they are stopped. */
export class Engines {
  readonly totals = new CameraTotals();
  readonly figures = new EngineTotals();
  readonly #cameraStates = new Map<CameraId, CameraStatus>();
  readonly #configured: CameraId[] = [];
  readonly #createdAtMs = Date.now();
  #local: LocalEngines | null = null;
  #remote: RemoteEngines | null = null;
  #reads = 0;

  /** Starts the engines of this machine, and hears those of others; cameras that may not be used are not even connected to [IV.B.1.a(9)]. */
  start(parts: EngineParts): void {
    const { service } = parts;
    const { bus, cameras, engine, log: logLevel } = parts.config;
    const heard = this.#hearing(parts);
    for (const { id } of [...cameras, ...bus.cameras]) this.#configured.push(id as CameraId);
    this.#remote = openRemoteEngines({ ...heard, bus, isInService: (id) => service.isInService(id) });
    // Where other machines watch all cameras, this one runs no engine.
    if (this.#remote === null || cameras.length > 0) {
      const { spoolFolder } = parts;
      const outOfService = service.outOfService();
      this.#local = new LocalEngines({ ...heard, cameras, engine, spoolFolder, outOfService, logLevel });
    }
    service.follow((cameraId, inService) => {
      this.#local?.of(cameraId)?.setService(cameraId, inService);
      this.#remote?.setService(cameraId, inService);
    });
  }

  #hearing({ live, onCamera, log }: EngineParts) {
    return {
      log,
      onReport: async (report: ReadReport) => {
        const answer = await live(report);
        if (report.stage === 'final' && answer === 'kept') this.#reads += 1;
        return answer;
      },
      onStatus: (engine: string, status: EngineStatus) => {
        this.totals.update(engine, status.cameras);
        this.figures.update(engine, status);
        for (const camera of status.cameras) {
          this.#cameraStates.set(camera.cameraId, camera);
          onCamera(camera);
        }
      },
      onEnded: (engine: string) => {
        this.totals.engineEnded(engine);
        this.figures.engineEnded(engine);
      },
    };
  }

  /** Why frames or reads may be missing at this moment. */
  notReady(): string[] {
    const reasons = this.#remote?.notReady() ?? [];
    const state = this.state();
    if (!this.#local || state.kind === 'running') return reasons;
    return [`engine: ${state.kind}${'reason' in state ? ` (${state.reason})` : ''}`, ...reasons];
  }

  /** Numbers of `observe/scraped.ts`. */
  scraped(): ScrapedValues {
    const silent = this.#remote?.silent() ?? 0;
    return {
      ...this.figures.scraped(),
      ...this.#remote?.scraped(),
      engines_running: Math.max(0, this.figures.running() - silent),
      engine_restarts_total: this.#local?.restarts() ?? 0,
    };
  }

  state(): EngineState {
    return this.#local?.state() ?? { kind: 'starting', sinceMs: this.#createdAtMs };
  }

  reads(): number {
    return this.#reads;
  }

  cameraStates(): { camera: CameraId; state: string }[] {
    return [...this.#cameraStates.values()].map(({ cameraId, state }) => ({ camera: cameraId, state }));
  }

  cameras(): LiveCamera[] {
    const all = this.totals.all();
    return this.#configured.map((cameraId) => ({
      cameraId,
      state: this.#cameraStates.get(cameraId)?.state ?? 'starting',
      reason: this.#cameraStates.get(cameraId)?.reason ?? 'the engine has not told yet',
      counts: all.get(cameraId)?.counts ?? noFrames(),
      reasons: Object.fromEntries(all.get(cameraId)?.reasons ?? []),
      stream: this.#cameraStates.get(cameraId)?.stream ?? null,
    }));
  }

  /** Of a camera of this machine's engines. */
  async picture(cameraId: string): Promise<CameraPicture | null> {
    return (await this.#local?.of(cameraId as CameraId)?.preview(cameraId as CameraId)) ?? null;
  }

  async stop(reason: string): Promise<void> {
    await this.#local?.stop(reason);
    await this.#remote?.close();
  }
}
