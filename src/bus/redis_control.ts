import type { ChainableCommander, Redis } from 'ioredis';
import type { Answer } from '../data/answer.js';
import type { CameraId } from '../data/ids.js';
import type { ReadReport } from '../data/read.js';
import { limits } from '../limits.js';
import type { Log } from '../observe/log.js';
import type { EngineStatus } from './message.js';
import { RecentReports } from './recent_reports.js';
import { connected, connectRedis, pause } from './redis_connection.js';
import { decodeReport, decodeStatus, type Fields, fieldsOf, keys } from './redis_wire.js';
import type { RedisAccess } from './settings.js';

export interface RedisControlOptions {
  readonly access: RedisAccess;
  /** Resolves when what it answers is durable; only then is the engine told. */
  readonly onReport: (report: ReadReport) => Promise<Answer>;
  readonly onStatus: (run: string, status: EngineStatus) => void;
  /** Cameras that engines may report of. */
  readonly knows: (camera: CameraId) => boolean;
  readonly log: Log;
}

export interface RedisControl {
  setService(run: string, cameraId: CameraId, inService: boolean): void;
  /** What `/metrics` says of the bus. */
  stats(): BusStats;
  close(): Promise<void>;
}

interface BusStats {
  readonly reachable: boolean;
  /** Reports in Redis that control has not made durable yet, and how old the oldest is. */
  readonly backlog: number;
  readonly backlogAgeMs: number;
  readonly refused: number;
  readonly repeated: number;
}

/**
 * Control's end of the bus over Redis Streams. One consumer group with one consumer: what was delivered and not acknowledged when
 * control ended comes first when it starts again. Reports of one camera are taken one after the other, in their order.
 */
export function openRedisControl(options: RedisControlOptions): RedisControl {
  const stop = new AbortController();
  const { signal } = stop;
  const reports = connectRedis(options.access, true);
  const statuses = connectRedis(options.access, true);
  const commands = connectRedis(options.access, false);
  const taker = new ReportTaker({ ...options, commands, signal });
  const stats = { reachable: false, backlog: 0, backlogAgeMs: 0 };
  const done = Promise.all([
    takeReports(reports, taker, signal),
    takeStatuses(statuses, options, signal),
    watchBacklog(commands, stats, signal),
  ]);
  return {
    setService(run, cameraId, inService) {
      void say(commands.multi(), run, 'c', cameraId, 'i', inService ? '1' : '0')
        .exec()
        .catch(() => {});
    },
    stats: () => ({ ...stats, refused: taker.refused, repeated: taker.repeated }),
    async close() {
      stop.abort();
      reports.disconnect();
      statuses.disconnect();
      await taker.settled();
      commands.disconnect();
      await done;
    },
  };
}

/** What is said to a run that has gone is forgotten after a while. */
function say(together: ChainableCommander, run: string, ...fields: string[]): ChainableCommander {
  const key = keys.toEngine(run);
  return together
    .xadd(key, 'MAXLEN', '~', limits.bus.answersKept, '*', ...fields)
    .pexpire(key, limits.bus.answersKeptMs);
}

interface Finished {
  readonly id: string;
  readonly about: { readonly run: string; readonly number: number } | null;
  readonly answer: Answer;
}

/** Takes entries as they come; those of one camera in order, those of different cameras beside each other. */
class ReportTaker {
  refused = 0;
  repeated = 0;
  readonly #options: RedisControlOptions & { readonly commands: Redis; readonly signal: AbortSignal };
  /** The last task of each camera: the next begins after it. */
  readonly #tails = new Map<string, Promise<void>>();
  readonly #inWork = new Set<string>();
  readonly #recent = new RecentReports(limits.bus.recentReports);
  #finished: Finished[] = [];
  #flushing: Promise<void> | null = null;
  #freed: () => void = () => {};

  constructor(options: RedisControlOptions & { readonly commands: Redis; readonly signal: AbortSignal }) {
    this.#options = options;
  }

  /** Resolves when there is room for more. */
  async room(): Promise<void> {
    while (this.#inWork.size >= limits.bus.inWorkMax) {
      await new Promise<void>((resolve) => {
        this.#freed = resolve;
      });
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#tails.values());
  }

  /** @param wasDelivered to this process or an earlier one: nobody knows what became of it */
  take(id: string, fields: Fields, wasDelivered: boolean): void {
    // After a lost connection entries that are still in work are delivered again.
    if (this.#inWork.has(id)) return;
    this.#inWork.add(id);
    const decoded = decodeReport(fields);
    if (!decoded.ok || !this.#options.knows(decoded.value.report.read.cameraId)) {
      this.refused += 1;
      this.#options.log.warn({ reason: decoded.ok ? 'camera not registered' : decoded.error }, 'report refused');
      void this.#finish(id, decoded.ok ? decoded.value : null, 'kept');
      return;
    }
    const { report: told } = decoded.value;
    const report: ReadReport = wasDelivered ? { ...told, retold: told.retold ?? 'whole' } : told;
    const camera = report.read.cameraId;
    const task = (this.#tails.get(camera) ?? Promise.resolve()).then(() => this.#work(id, decoded.value, report));
    this.#tails.set(camera, task);
    void task.then(() => {
      if (this.#tails.get(camera) === task) this.#tails.delete(camera);
    });
  }

  async #work(id: string, about: { run: string; number: number }, report: ReadReport): Promise<void> {
    const key = `${report.read.id} ${report.stage} ${report.revision}`;
    const isRepeated = this.#recent.has(key);
    if (isRepeated) this.repeated += 1;
    const answer = isRepeated ? 'kept' : await this.#answerTo(report);
    // Not answered: it stays pending and is delivered again after the next start.
    if (answer === 'again') return this.#release(id);
    if (answer === 'kept') this.#recent.add(key);
    await this.#finish(id, about, answer);
  }

  /** Asks until there is an answer; `again` only when the program stops. */
  async #answerTo(report: ReadReport): Promise<Answer> {
    const { onReport, signal, log } = this.#options;
    for (
      let pauseMs: number = limits.engine.againMs;
      !signal.aborted;
      pauseMs = Math.min(limits.engine.againMsMax, 2 * pauseMs)
    ) {
      try {
        const answer = await onReport(report);
        if (answer !== 'again') return answer;
      } catch (error) {
        log.error({ error: String(error) }, 'read not accepted');
      }
      await pause(pauseMs, signal);
    }
    return 'again';
  }

  /** Durable, or never wanted: out of the stream, and the engine may forget it. What is finished in one turn is said at once. */
  #finish(id: string, about: { run: string; number: number } | null, answer: Answer): Promise<void> {
    this.#finished.push({ id, about, answer });
    this.#flushing ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#flushing = null;
        const finished = this.#finished;
        this.#finished = [];
        void this.#flush(finished).then(resolve);
      });
    });
    return this.#flushing;
  }

  async #flush(finished: readonly Finished[]): Promise<void> {
    const ids = finished.map(({ id }) => id);
    // One transaction: an engine never waits for a report that has left the stream. Tried until it is done; doing it twice is harmless.
    while (!this.#options.signal.aborted && !(await this.#acknowledge(finished)))
      await pause(limits.bus.pingEveryMs, this.#options.signal);
    for (const id of ids) this.#release(id);
  }

  async #acknowledge(finished: readonly Finished[]): Promise<boolean> {
    const ids = finished.map(({ id }) => id);
    const together = this.#options.commands.multi();
    for (const [field, wanted] of [
      ['a', 'kept'],
      ['h', 'matched'],
    ] as const) {
      const numbers = numbersByRun(finished.filter(({ answer }) => answer === wanted));
      for (const [run, these] of numbers) say(together, run, field, these.join(','));
    }
    together.xack(keys.reports, keys.group, ...ids).xdel(keys.reports, ...ids);
    return together.exec().then(
      (answers) => answers?.every(([error]) => error === null) ?? false,
      () => false,
    );
  }

  #release(id: string): void {
    this.#inWork.delete(id);
    this.#freed();
  }
}

function numbersByRun(finished: readonly Finished[]): Map<string, number[]> {
  const byRun = new Map<string, number[]>();
  for (const { about } of finished) if (about) byRun.set(about.run, [...(byRun.get(about.run) ?? []), about.number]);
  return byRun;
}

/** First what was delivered and not acknowledged, then what is new; from the start again after each lost connection. */
async function takeReports(redis: Redis, taker: ReportTaker, signal: AbortSignal): Promise<void> {
  while (await connected(redis, signal)) {
    try {
      await createGroup(redis);
      let from = '0-0';
      while (!signal.aborted) {
        await taker.room();
        const entries = await readGroup(redis, from);
        for (const [id, flat] of entries) {
          // Deleted meanwhile (by hand): nothing is left to take.
          if (flat) taker.take(id.toString(), fieldsOf(flat), from !== '>');
          if (from !== '>') from = id.toString();
        }
        if (entries.length === 0) from = '>';
      }
    } catch {
      await pause(100, signal);
    }
  }
}

/** Entries of this consumer: pending ones after `from`, or new ones for `>`. Empty when none came within a while. */
async function readGroup(redis: Redis, from: string): Promise<readonly (readonly [Buffer, Buffer[] | null])[]> {
  const { group, reports } = keys;
  const { entriesAtOnce: count, blockMs } = limits.bus;
  const answer = (await redis.xreadgroupBuffer(
    'GROUP',
    group,
    'control',
    'COUNT',
    count,
    'BLOCK',
    blockMs,
    'STREAMS',
    reports,
    from,
  )) as [Buffer, [Buffer, Buffer[] | null][]][] | null;
  return answer?.[0]?.[1] ?? [];
}

async function createGroup(redis: Redis): Promise<void> {
  try {
    await redis.xgroup('CREATE', keys.reports, keys.group, '0', 'MKSTREAM');
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error;
  }
}

async function takeStatuses(redis: Redis, { onStatus }: RedisControlOptions, signal: AbortSignal): Promise<void> {
  let last = '$';
  while (await connected(redis, signal)) {
    try {
      const answer = await redis.xreadBuffer('COUNT', 64, 'BLOCK', limits.bus.blockMs, 'STREAMS', keys.status, last);
      for (const [, entries] of answer ?? []) {
        for (const [id, flat] of entries ?? []) {
          last = id.toString();
          const { e, s } = fieldsOf(flat ?? []);
          const status = decodeStatus(s);
          if (e && status) onStatus(e.toString(), status);
        }
      }
    } catch {
      await pause(100, signal);
    }
  }
}

async function watchBacklog(
  redis: Redis,
  stats: { reachable: boolean; backlog: number; backlogAgeMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const backlog = await redis.xlen(keys.reports);
      const [oldest] = backlog > 0 ? await redis.xrange(keys.reports, '-', '+', 'COUNT', 1) : [];
      // An entry's id begins with the milliseconds at which Redis took it.
      const backlogAgeMs = oldest ? Math.max(0, Date.now() - Number(oldest[0].split('-')[0])) : 0;
      Object.assign(stats, { reachable: true, backlog, backlogAgeMs });
    } catch {
      stats.reachable = false;
    }
    await pause(limits.bus.pingEveryMs, signal);
  }
}
