import type { Redis } from 'ioredis';
import { limits } from '../limits.js';
import type { EngineHears, EngineLink } from './link.js';
import { connected, connectRedis, pause } from './redis_connection.js';
import { encodeReport, fieldsOf, keys } from './redis_wire.js';
import type { RedisAccess } from './settings.js';

/**
 * An engine's end of the bus over Redis Streams. A report counts as handed over only when control has acknowledged it, so Redis needs no
 * disk of its own: what it loses, the outbox tells again.
 */
export function openRedisEngine(access: RedisAccess, run: string, hears: EngineHears): EngineLink {
  const stop = new AbortController();
  const writer = connectRedis(access, false);
  const reader = connectRedis(access, true);
  let reachable: boolean | null = null;
  const become = (now: boolean) => {
    if (now === reachable || stop.signal.aborted) return;
    reachable = now;
    hears.onReachable(now);
  };
  // A server that crashed and came back between two pings has forgotten what it was told, acknowledgements included.
  for (const connection of [writer, reader]) connection.on('close', () => become(false));

  /** Asks whether the server answers; a server that hangs accepts connections and bytes. */
  async function watch(): Promise<void> {
    while (!stop.signal.aborted) {
      const answered = await writer.ping().then(
        () => true,
        () => false,
      );
      become(answered);
      await pause(limits.bus.pingEveryMs, stop.signal);
    }
  }

  const done = Promise.all([watch(), listen(reader, run, hears, stop.signal)]);
  return {
    async report(number, report) {
      try {
        await writer.xadd(keys.reports, '*', ...encodeReport(run, number, report));
      } catch (error) {
        become(false);
        throw error;
      }
    },
    status(status) {
      if (reachable !== true) return;
      const kept = String(limits.bus.statusesKept);
      writer.xadd(keys.status, 'MAXLEN', '~', kept, '*', 'e', run, 's', JSON.stringify(status)).catch(() => {});
    },
    reachable: () => reachable === true,
    async close() {
      stop.abort();
      reader.disconnect();
      writer.disconnect();
      await done;
    },
  };
}

/** What control says to this run, from its first word on. */
async function listen(reader: Redis, run: string, hears: EngineHears, signal: AbortSignal): Promise<void> {
  const key = keys.toEngine(run);
  let last = '0-0';
  while (await connected(reader, signal)) {
    try {
      const answer = await reader.xreadBuffer('COUNT', 256, 'BLOCK', limits.bus.blockMs, 'STREAMS', key, last);
      for (const [, entries] of answer ?? []) {
        for (const [id, flat] of entries ?? []) {
          last = id.toString();
          hear(fieldsOf(flat ?? []), hears);
        }
      }
    } catch {
      await pause(100, signal);
    }
  }
}

function hear({ a, h, c, i }: ReturnType<typeof fieldsOf>, hears: EngineHears): void {
  const numbersIn = (field: Buffer) => field.toString().split(',').map(Number);
  if (a) hears.onAnswer(numbersIn(a), 'kept');
  if (h) hears.onAnswer(numbersIn(h), 'matched');
  if (c && i) hears.onService(c.toString(), i.toString() === '1');
}
