import { join } from 'node:path';
import type { EngineHears, EngineLink } from '../bus/link.js';
import type { CameraPicture, EngineStatus } from '../bus/message.js';
import { createOutbox, type Outbox } from '../bus/outbox.js';
import { openSpool } from '../bus/spool.js';
import type { CameraId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import { fail, ok, type Result } from '../data/result.js';
import type { CameraSettings } from '../ingest/settings.js';
import { limits } from '../limits.js';
import { createLog, type LogLevel } from '../observe/log.js';
import { openPipeline } from '../pipeline/pipeline.js';
import type { PipelineSettings } from '../pipeline/settings.js';
import { type EngineFlow, startEngineFlow } from './flow.js';

/** What an engine is told at start; no credential but the cameras'. */
export interface EngineSettings {
  readonly cameras: readonly CameraSettings[];
  readonly pipeline: PipelineSettings;
  readonly spoolFolder: string;
  readonly log: LogLevel;
}

/** A running engine, whatever bus it hands its reads to. */
export interface Engine {
  readonly model: string;
  readonly inference: string;
  preview(cameraId: CameraId): Promise<CameraPicture | null>;
  /** Settles the frames in work, hands over the last reads or leaves them on disk, ends the threads. */
  stop(reason: string): Promise<void>;
}

/**
 * Cameras -> reads -> outbox -> bus: all of an engine that does not depend on the bus.
 * @param run unique to this start of the engine; part of each read's id
 * @param outOfService cameras that are not even connected to until control says so [IV.B.1.a(9)]
 * @param link opens the engine's end of the bus once it can listen
 * @returns one line when the models cannot be used or the spool cannot be opened
 */
export async function startEngine(
  run: string,
  settings: EngineSettings,
  outOfService: readonly CameraId[],
  link: (hears: EngineHears) => EngineLink,
): Promise<Result<Engine, string>> {
  const log = createLog(settings.log, 'engine');
  const outbox = openOutbox(settings.spoolFolder, (number, report) => bus.report(number, report));
  if (!outbox.ok) return outbox;
  const box = outbox.value;
  const out = new Set(outOfService);
  let flow: EngineFlow | null = null;
  // Heard from now on: control may take a camera out of service while models are still being loaded.
  const bus = link({
    onAnswer: (numbers, answer) => {
      for (const number of numbers) box.answer(number, answer);
    },
    onService(id, inService) {
      const cameraId = id as CameraId;
      if (flow !== null) flow.setService(cameraId, inService);
      else if (inService) out.delete(cameraId);
      else out.add(cameraId);
    },
    onReachable: (reachable) => {
      log.info({ reachable }, 'bus changed');
      box.setReachable(reachable);
    },
  });
  const pipeline = await openPipeline(settings.pipeline, join(settings.spoolFolder, 'inference.json'));
  if (!pipeline.ok) {
    await bus.close();
    return pipeline;
  }
  const pool = pipeline.value;
  const looking = startEngineFlow({
    cameras: settings.cameras,
    pipeline: pool,
    run,
    outOfService: [...out],
    onReport: (report) => box.put(report),
    log,
  });
  flow = looking;
  const forget = () => box.forget(Date.now() - limits.engine.spoolMsMax);
  forget();
  box.refill();
  const tellStatus = () => bus.status(statusOf());
  const timer = setInterval(tellStatus, limits.engine.statusEveryMs);
  const sweep = setInterval(forget, limits.engine.spoolSweepMs);

  function statusOf(): EngineStatus {
    const { user, system } = process.cpuUsage();
    return {
      cameras: looking.status(),
      unsent: box.unsent,
      spooled: box.spooled,
      lostReports: box.lost,
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      stages: looking.stages(),
      slots: looking.slots(),
      model: pool.model,
      inference: pool.inference,
    };
  }

  return ok({
    model: pool.model,
    inference: pool.inference,
    preview: (cameraId) => looking.preview(cameraId),
    async stop(reason) {
      await looking.stop(reason);
      await acknowledged(box, bus);
      box.close();
      clearInterval(timer);
      clearInterval(sweep);
      tellStatus();
      await bus.close();
      await pool.close();
    },
  });
}

function openOutbox(
  folder: string,
  send: (number: number, report: ReadReport) => Promise<void>,
): Result<Outbox, string> {
  try {
    const spool = openSpool<ReadReport>(folder, limits.engine.spoolBytesMax);
    const historySpool = openSpool<ReadReport>(join(folder, 'history'), limits.engine.spoolBytesMax);
    // What the bus did not take stays in the outbox; the link says when it can be told again.
    return ok(
      createOutbox({
        send: (number, report) => void send(number, report).catch(() => {}),
        spool,
        historySpool,
        heldMax: limits.engine.unsentReportsMax,
      }),
    );
  } catch (error) {
    return fail(`spool folder ${folder}: cannot be used (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** Waits a while for control to acknowledge the last reads; what it has not by then goes to disk. */
async function acknowledged(box: Outbox, bus: EngineLink): Promise<void> {
  const deadlineMs = performance.now() + limits.engine.drainMsMax / 3;
  while (bus.reachable() && box.unsent > 0 && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
