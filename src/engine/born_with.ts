import { limits } from '../limits.js';

/** What a process has to be born with, since it cannot be told later. */
export interface BornWith {
  readonly env: NodeJS.ProcessEnv;
  readonly execArgv: string[];
}

/**
 * An engine of so many cameras, whose memory is to stay where it is.
 *
 * - Each camera holds one of libuv's threads while it waits for its next packet.
 * - glibc gives threads up to eight arenas a core, and each camera's decoder runs on all of libuv's threads in turn: every arena would come to
 *   hold the most that was ever allocated from it, a third of the process.
 * - Once a decoder's picture has been freed, glibc takes the next ones from the arena, between smaller things that stay: each camera that
 *   reconnects leaves holes. With a threshold that is told, pictures stay mappings of their own.
 * - V8 doubles a thread's young generation whenever enough survives, over hours; here it has one size from the start.
 */
export function engineBornWith(cameras: number): BornWith {
  const { spareThreads, mallocArenas, mallocMappedBytesMin, semiSpaceMegabytes } = limits.engine;
  return {
    env: {
      MALLOC_ARENA_MAX: String(mallocArenas),
      MALLOC_MMAP_THRESHOLD_: String(mallocMappedBytesMin),
      MALLOC_TRIM_THRESHOLD_: String(64 * mallocMappedBytesMin),
      ...process.env,
      UV_THREADPOOL_SIZE: String(cameras + spareThreads),
    },
    execArgv: ['--min', '--max'].map((end) => `${end}-semi-space-size=${semiSpaceMegabytes}`),
  };
}
