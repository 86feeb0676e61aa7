import { openIpcEngine } from '../bus/ipc_engine.js';
import type { ToControl, ToEngine } from '../bus/message.js';
import type { CameraId } from '../data/ids.js';
import { createLog } from '../observe/log.js';
import { type Engine, type EngineSettings, startEngine } from './engine.js';

/**
 * An engine as control's child: a process of its own that decodes, finds and reads. It may crash; control restarts it. It ends by itself
 * when control asks it to or has gone, never in the middle of a native call.
 */
const tell = (message: ToControl) => {
  if (process.connected) process.send?.(message, () => {});
};

type Asked = Extract<ToEngine<EngineSettings>, { kind: 'start' }>;

async function start({ engine: name, settings, outOfService }: Asked): Promise<Engine | null> {
  const started = await startEngine(name, settings, outOfService, openIpcEngine);
  if (started.ok) {
    tell({ kind: 'ready', model: started.value.model, inference: started.value.inference });
    return started.value;
  }
  createLog(settings.log, 'engine').error({ reason: started.error }, 'engine refused to start');
  process.exitCode = 1;
  if (process.connected) process.disconnect();
  return null;
}

async function show(request: number, cameraId: CameraId): Promise<void> {
  const engine = await starting;
  tell({ kind: 'preview', request, picture: (await engine?.preview(cameraId)) ?? null });
}

async function stop(reason: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  const engine = await starting;
  await engine?.stop(reason);
  tell({ kind: 'stopped', reason });
  if (process.connected) process.disconnect();
}

let starting: Promise<Engine | null> = Promise.resolve(null);
let stopping = false;

// Heard from the first line on: control may ask it to stop, or be killed, while models are still being loaded.
process.on('message', (message: ToEngine<EngineSettings>) => {
  if (message.kind === 'start') starting = start(message);
  else if (message.kind === 'preview') void show(message.request, message.cameraId);
  else if (message.kind === 'stop') void stop(message.reason);
});
process.on('disconnect', () => void stop('control has gone'));
// Control decides when an engine ends; a Ctrl-C at the terminal reaches the whole group.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
