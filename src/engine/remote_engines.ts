import type { EngineStatus } from '../bus/message.js';
import { openRedisControl } from '../bus/redis_control.js';
import { nameOfRun } from '../bus/redis_wire.js';
import type { Config } from '../config.js';
import type { Answer } from '../data/answer.js';
import type { CameraId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import { limits } from '../limits.js';
import type { Log } from '../observe/log.js';
import type { ScrapedValues } from '../observe/scraped.js';

/** Engines on other machines, as control sees them. */
export interface RemoteEngines {
  setService(cameraId: CameraId, inService: boolean): void;
  /** Why reads of some of them may be missing at this moment. */
  notReady(): string[];
  scraped(): ScrapedValues;
  /** Engines that have said nothing for a while. */
  silent(): number;
  close(): Promise<void>;
}

export interface RemoteEnginesOptions {
  readonly bus: Config['bus'];
  readonly onReport: (report: ReadReport) => Promise<Answer>;
  readonly onStatus: (run: string, status: EngineStatus) => void;
  /** Another run of the same engine has begun: what this one counted is final. */
  readonly onEnded: (run: string) => void;
  /** By the ledger's word and the clock; asked when an engine joins, and told of with each change. */
  readonly isInService: (cameraId: string) => boolean;
  readonly log: Log;
}

/** @returns `null` when no bus is configured. */
export function openRemoteEngines(options: RemoteEnginesOptions): RemoteEngines | null {
  const { bus, log } = options;
  const nowMs = () => performance.now();
  if (!bus.redis) return null;
  const registered = new Set<string>(bus.cameras.map((camera) => camera.id));
  const runs = new Map<string, { run: string; heardAtMs: number }>();

  function hear(run: string, status: EngineStatus): void {
    const known = runs.get(nameOfRun(run));
    // A run's name ends with its time of start: what an earlier one said comes too late.
    if (known && known.run > run) return;
    if (known?.run !== run) {
      log.info({ engine: run, model: status.model }, 'engine joined');
      if (known) options.onEnded(known.run);
      // An engine begins with every camera out of service.
      for (const id of registered) control.setService(run, id as CameraId, options.isInService(id));
    }
    runs.set(nameOfRun(run), { run, heardAtMs: nowMs() });
    options.onStatus(run, { ...status, cameras: status.cameras.filter(({ cameraId }) => registered.has(cameraId)) });
  }

  const control = openRedisControl({
    access: bus.redis,
    knows: (camera) => registered.has(camera),
    onReport: options.onReport,
    onStatus: hear,
    log,
  });
  const isSilent = ({ heardAtMs }: { heardAtMs: number }) => nowMs() - heardAtMs > limits.bus.silentMs;
  return {
    setService(cameraId, inService) {
      if (!registered.has(cameraId)) return;
      for (const { run } of runs.values()) control.setService(run, cameraId, inService);
    },
    notReady: () => [
      ...(control.stats().reachable ? [] : ['bus: Redis does not answer; engines keep their reads on disk']),
      ...[...runs].filter(([, one]) => isSilent(one)).map(([name]) => `engine ${name}: has said nothing for a while`),
    ],
    silent: () => [...runs.values()].filter(isSilent).length,
    scraped() {
      const { reachable, backlog, backlogAgeMs, refused, repeated } = control.stats();
      return {
        bus_reachable: reachable ? 1 : 0,
        bus_backlog_reports: backlog,
        bus_backlog_age_seconds: backlogAgeMs / 1000,
        bus_refused_reports_total: refused,
        bus_repeated_reports_total: repeated,
        engines_silent: [...runs.values()].filter(isSilent).length,
      };
    },
    close: () => control.close(),
  };
}
