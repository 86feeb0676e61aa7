import { fork } from 'node:child_process';
import { defineCommand } from 'citty';
import { openRedisEngine } from '../bus/redis_engine.js';
import type { CameraId } from '../data/ids.js';
import { engineBornWith } from '../engine/born_with.js';
import { type EngineConfig, loadEngineConfig } from '../engine/config.js';
import { startEngine } from '../engine/engine.js';
import { limits } from '../limits.js';
import { packagePath } from '../package_root.js';
import { untilStopped } from './stop_signal.js';
import { usageError } from './usage.js';

/** `platestream engine --config FILE`: cameras of this machine, reads to control on another one, over Redis Streams. */
export const engineCommand = defineCommand({
  meta: {
    name: 'engine',
    description: 'Runs an engine on its own machine; its reads go to control over Redis Streams.',
  },
  args: {
    config: { type: 'string', description: 'configuration of the engine (see docs/scaling.md)', required: true },
  },
  async run({ args }) {
    const config = loadEngineConfig(args.config);
    if (!config.ok) return usageError(config.error);
    const threads = config.value.cameras.length + limits.engine.spareThreads;
    if (Number(process.env['UV_THREADPOOL_SIZE'] ?? 4) < threads) await runAsChild(config.value.cameras.length);
    else await runHere(config.value);
  },
});

/** libuv's pool has its size before a program can say one; so the engine is a child that is born with the right one. */
async function runAsChild(cameras: number): Promise<void> {
  const child = fork(packagePath('bin', 'platestream.js'), process.argv.slice(2), engineBornWith(cameras));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

async function runHere(config: EngineConfig): Promise<void> {
  const stopped = untilStopped();
  // The name of a run ends with its time: control knows which of two is the later.
  const run = `${config.name}-${Date.now().toString(36)}`;
  const settings = { ...config, pipeline: config.engine };
  // Which cameras may be used is control's to say.
  const all = config.cameras.map(({ id }) => id as CameraId);
  const engine = await startEngine(run, settings, all, (hears) => openRedisEngine(config.redis, run, hears));
  if (!engine.ok) return usageError(engine.error);
  process.stderr.write(`platestream: engine ${run} reads ${config.cameras.length} cameras\n`);
  const reason = await Promise.race([stopped, parentGone()]);
  await engine.value.stop(reason);
  if (process.connected) process.disconnect();
}

/** A child must not outlive the process that the service manager watches. */
function parentGone(): Promise<string> {
  return new Promise((resolve) => {
    if (process.connected) process.once('disconnect', () => resolve('parent has gone'));
  });
}
