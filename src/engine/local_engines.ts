import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EngineStatus } from '../bus/message.js';
import type { Answer } from '../data/answer.js';
import type { CameraId, EngineId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import type { CameraSettings } from '../ingest/settings.js';
import { limits } from '../limits.js';
import type { Log } from '../observe/log.js';
import type { EngineSettings } from './engine.js';
import type { LocalEngineSettings } from './settings.js';
import { type EngineState, type Supervisor, superviseEngine } from './supervisor.js';

export interface LocalEnginesOptions {
  readonly cameras: readonly CameraSettings[];
  readonly engine: LocalEngineSettings;
  /** Each engine has a folder of its own in it. */
  readonly spoolFolder: string;
  readonly outOfService: readonly CameraId[];
  readonly onReport: (report: ReadReport) => Promise<Answer>;
  readonly onStatus: (engine: EngineId, status: EngineStatus) => void;
  readonly onEnded: (engine: EngineId) => void;
  readonly logLevel: EngineSettings['log'];
  readonly log: Log;
}

/**
 * The engines of this machine, as processes: each camera's packets, pictures and frames pass through the one thread that runs JavaScript in its
 * engine, so a second engine is a second such thread. They share nothing; when one dies, the cameras of the others go on.
 */
export class LocalEngines {
  readonly #supervisors: readonly Supervisor[];
  readonly #byCamera = new Map<string, Supervisor>();

  constructor(options: LocalEnginesOptions) {
    const { cameras, engine, spoolFolder, log, logLevel } = options;
    const { processes, ...pipeline } = engine;
    const count = Math.max(processCount(processes, cameras.length), spoolsLeft(spoolFolder));
    const threads = pipeline.threads === 'auto' ? threadsOfEach(count) : pipeline.threads;
    const startedAt = Date.now().toString(36);
    this.#supervisors = shared(cameras, count).map((share, index) => {
      const supervisor = superviseEngine({
        ...options,
        name: `e${index + 1}-${startedAt}`,
        settings: {
          cameras: share,
          pipeline: { ...pipeline, threads },
          spoolFolder: spoolOf(spoolFolder, index + 1),
          log: logLevel,
        },
        cameras: share.length,
        log,
      });
      for (const { id } of share) this.#byCamera.set(id, supervisor);
      return supervisor;
    });
  }

  /** Of the engine that is furthest from running. */
  state(): EngineState {
    const states = this.#supervisors.map((one) => one.state());
    return worst.map((kind) => states.find((one) => one.kind === kind)).find((one) => one !== undefined) as EngineState;
  }

  restarts(): number {
    return this.#supervisors.reduce((sum, one) => sum + one.restarts(), 0);
  }

  of(cameraId: CameraId): Supervisor | undefined {
    return this.#byCamera.get(cameraId);
  }

  async stop(reason: string): Promise<void> {
    await Promise.all(this.#supervisors.map((one) => one.stop(reason)));
  }
}

const worst: readonly EngineState['kind'][] = ['failed', 'waiting', 'starting', 'stopped', 'running'];

/** Engines for so many cameras: another for each eight of them, one a core at most. */
function processCount(processes: LocalEngineSettings['processes'], cameras: number): number {
  const wanted =
    processes === 'auto'
      ? Math.min(Math.ceil(cameras / limits.engine.camerasOfOne), availableParallelism(), limits.engine.processesMax)
      : processes;
  return Math.max(1, Math.min(wanted, cameras));
}

function threadsOfEach(processes: number): number {
  return Math.max(1, Math.round(availableParallelism() / processes));
}

/** Reads that more engines than there are now have left on disk: as many start once more. */
function spoolsLeft(folder: string): number {
  try {
    const names = readdirSync(folder).filter((name) => /^engine-\d+$/.test(name));
    const left = names.filter((name) =>
      readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).some((file) => file.endsWith('.report')),
    );
    return Math.max(0, ...left.map((name) => Number(name.slice('engine-'.length))));
  } catch {
    return 0;
  }
}

const spoolOf = (folder: string, number: number) => join(folder, `engine-${number}`);

/** In turns, so that neighbours, which are often busy together, are not all in one engine. */
function shared(cameras: readonly CameraSettings[], engines: number): CameraSettings[][] {
  return Array.from({ length: engines }, (_, engine) => cameras.filter((_, index) => index % engines === engine));
}
