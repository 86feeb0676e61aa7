import { type ChildProcess, fork } from 'node:child_process';
import type { CameraPicture, EngineStatus, ToControl, ToEngine } from '../bus/message.js';
import type { Answer } from '../data/answer.js';
import type { CameraId, EngineId } from '../data/ids.js';
import { engineId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import { limits } from '../limits.js';
import type { Log } from '../observe/log.js';
import { packagePath } from '../package_root.js';
import { engineBornWith } from './born_with.js';

/**
 * Keeps one engine process alive: starts it, restarts it with backoff when it dies, and gives up (health red) when it dies more often
 * than its budget. An engine is crash-only; nothing of control depends on it except reads arriving.
 */
export type EngineState =
  | { readonly kind: 'starting'; readonly sinceMs: number }
  | { readonly kind: 'running'; readonly model: string; readonly inference: string }
  | { readonly kind: 'waiting'; readonly reason: string; readonly untilMs: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly reason: string };

export interface SupervisorOptions<Settings> {
  readonly name: string;
  readonly settings: Settings;
  /** Cameras of this engine: each holds one of libuv's threads while it waits for its next packet. */
  readonly cameras: number;
  /** Cameras that start out of service: not one frame of them is decoded [IV.B.1.a(9)]. */
  readonly outOfService?: readonly CameraId[];
  /** Resolves when the report is durable; only then is it acknowledged. */
  readonly onReport: (report: ReadReport) => Promise<Answer>;
  readonly onStatus: (engine: EngineId, status: EngineStatus) => void;
  /** The process has gone; its last status is final. */
  readonly onEnded: (engine: EngineId) => void;
  readonly log: Log;
}

export interface Supervisor {
  state(): EngineState;
  pid(): number | undefined;
  restarts(): number;
  setService(cameraId: CameraId, inService: boolean): void;
  /** The camera's next picture; `null` when there is none, now or because the engine died over it. */
  preview(cameraId: CameraId): Promise<CameraPicture | null>;
  /** Drains: the engine settles its frames and sends its last reads before it ends. */
  stop(reason: string): Promise<void>;
}

export function superviseEngine<Settings>(options: SupervisorOptions<Settings>): Supervisor {
  const { log } = options;
  const recentDeaths: number[] = [];
  const outOfService = new Set<CameraId>(options.outOfService);
  const previews = new Map<number, (picture: CameraPicture | null) => void>();
  let state: EngineState = { kind: 'starting', sinceMs: Date.now() };
  let child: ChildProcess | null = null;
  let run = 0;
  let stopping: string | null = null;
  let timer: NodeJS.Timeout | null = null;
  let ended: () => void = () => {};
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });

  function become(next: EngineState): void {
    state = next;
  }

  function send(message: ToEngine<Settings>): void {
    if (child?.connected) child.send(message, () => {});
  }

  function start(): void {
    run += 1;
    const id = engineId(`${options.name}-${run}-${process.pid}`);
    become({ kind: 'starting', sinceMs: Date.now() });
    const started = fork(packagePath('dist', 'src', 'engine', 'process.js'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      ...engineBornWith(options.cameras),
    });
    child = started;
    started.on('message', (message: ToControl) => receive(id, message));
    started.once('exit', (code, signal) => died(id, signal ?? `exit ${code}`));
    started.on('error', (error) => log.warn({ error: error.message }, 'engine errored'));
    send({ kind: 'start', engine: id, settings: options.settings, outOfService: [...outOfService] });
  }

  function receive(id: EngineId, message: ToControl): void {
    switch (message.kind) {
      case 'ready':
        log.info({ engine: id, model: message.model, inference: message.inference }, 'engine started');
        become({ kind: 'running', model: message.model, inference: message.inference });
        return;
      case 'status':
        options.onStatus(id, message.status);
        return;
      case 'report':
        options.onReport(message.report).then(
          (answer) => send({ kind: 'answer', number: message.number, answer }),
          (error: unknown) => {
            log.error({ engine: id, error: String(error) }, 'read not accepted');
            send({ kind: 'answer', number: message.number, answer: 'again' });
          },
        );
        return;
      case 'preview':
        previews.get(message.request)?.(message.picture);
        previews.delete(message.request);
        return;
      case 'stopped':
        log.info({ engine: id, reason: message.reason }, 'engine stopped');
    }
  }

  function died(id: EngineId, how: string): void {
    child = null;
    options.onEnded(id);
    for (const answer of previews.values()) answer(null);
    previews.clear();
    if (stopping !== null) {
      become({ kind: 'stopped', reason: stopping });
      ended();
    } else {
      restartLater(id, how);
    }
  }

  function restartLater(id: EngineId, how: string): void {
    const now = Date.now();
    recentDeaths.push(now);
    while ((recentDeaths[0] ?? now) < now - limits.engine.restartWindowMs) recentDeaths.shift();
    if (recentDeaths.length > limits.engine.restartsMax) {
      log.error({ engine: id, how }, 'engine abandoned');
      become({ kind: 'failed', reason: `ended ${recentDeaths.length} times in a row, last: ${how}` });
      ended();
      return;
    }
    const waitMs = Math.min(limits.engine.restartWaitMsMax, 100 * 2 ** (recentDeaths.length - 1));
    log.warn({ engine: id, how, waitMs }, 'engine died');
    become({ kind: 'waiting', reason: how, untilMs: now + waitMs });
    timer = setTimeout(start, waitMs);
  }

  start();
  let request = 0;
  return {
    state: () => state,
    pid: () => child?.pid,
    restarts: () => run - 1,
    setService(cameraId, inService) {
      if (inService) outOfService.delete(cameraId);
      else outOfService.add(cameraId);
      send({ kind: 'service', cameraId, inService });
    },
    preview(cameraId) {
      if (!child?.connected) return Promise.resolve(null);
      request += 1;
      send({ kind: 'preview', request, cameraId });
      return new Promise((resolve) => previews.set(request, resolve));
    },
    async stop(reason) {
      stopping = reason;
      if (timer) clearTimeout(timer);
      if (!child) {
        if (state.kind !== 'failed') become({ kind: 'stopped', reason });
        return;
      }
      const stuck = child;
      send({ kind: 'stop', reason });
      const kill = setTimeout(() => stuck.kill('SIGKILL'), limits.engine.drainMsMax);
      await end;
      clearTimeout(kill);
    },
  };
}
