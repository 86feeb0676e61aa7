import type { ToControl, ToEngine } from './bus/message.js';
import { createOutbox } from './bus/outbox.js';
import { openSpool } from './bus/spool.js';
import type { ReadReport } from './data/read.js';
import { type EngineFlow, startEngineFlow } from './engine_flow.js';
import type { CameraSettings } from './ingest/settings.js';
import { limits } from './limits.js';
import { createLog, type LogLevel } from './observe/log.js';
import { openPipeline } from './pipeline/pipeline.js';
import type { PipelineSettings } from './pipeline/settings.js';

/** What control tells an engine at start; no credential but the cameras'. */
export interface EngineSettings {
  readonly cameras: readonly CameraSettings[];
  readonly pipeline: PipelineSettings;
  readonly spoolFolder: string;
  readonly log: LogLevel;
}

/**
 * The engine: a process of its own that decodes, finds and reads. It may crash; control restarts it. It ends by itself when control
 * asks it to or has gone, never in the middle of a native call.
 */
const tell = (message: ToControl) => {
  if (process.connected) process.send?.(message);
};

async function run(engine: string, settings: EngineSettings): Promise<void> {
  const log = createLog(settings.log, 'engine');
  const pipeline = await openPipeline(settings.pipeline);
  if (!pipeline.ok) {
    log.error({ reason: pipeline.error }, 'engine refused to start');
    process.exitCode = 1;
    process.disconnect();
    return;
  }
  const pool = pipeline.value;
  const spool = openSpool<ReadReport>(settings.spoolFolder, limits.engine.spoolBytesMax);
  const outbox = createOutbox({
    send: (number, report) => tell({ kind: 'report', number, report }),
    spool,
    heldMax: limits.engine.unsentReportsMax,
  });
  const flow = startEngineFlow({
    cameras: settings.cameras,
    pipeline: pool,
    run: engine,
    onReport: (report) => outbox.put(report),
    log,
  });
  tell({ kind: 'ready', model: pool.model, inference: pool.inference });
  outbox.refill();
  const tellStatus = () => tell({ kind: 'status', status: statusOf(flow, outbox) });
  const timer = setInterval(tellStatus, limits.engine.statusEveryMs);

  let stopping = false;
  async function stop(reason: string): Promise<void> {
    if (stopping) return;
    stopping = true;
    await flow.stop(reason);
    const deadline = Date.now() + limits.engine.drainMsMax / 3;
    while (process.connected && outbox.unsent > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    outbox.close();
    clearInterval(timer);
    tellStatus();
    tell({ kind: 'stopped', reason });
    await pool.close();
    if (process.connected) process.disconnect();
  }

  process.on('message', (message: ToEngine<EngineSettings>) => {
    if (message.kind === 'ack') outbox.acknowledge(message.number);
    else if (message.kind === 'service') flow.setService(message.cameraId, message.inService);
    else if (message.kind === 'preview') tell({ kind: 'preview', request: message.request, jpeg: null });
    else if (message.kind === 'stop') void stop(message.reason);
  });
  process.on('disconnect', () => void stop('control has gone'));
}

function statusOf(flow: EngineFlow, outbox: { unsent: number; spooled: number; lost: number }) {
  const { user, system } = process.cpuUsage();
  return {
    cameras: flow.status(),
    unsent: outbox.unsent,
    spooled: outbox.spooled,
    lostReports: outbox.lost,
    rssBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
  };
}

// Control decides when an engine ends; a Ctrl-C at the terminal reaches the whole group.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.once('message', (message: ToEngine<EngineSettings>) => {
  if (message.kind === 'start') void run(message.engine, message.settings);
});
