import { setTimeout as pause } from 'node:timers/promises';
import type { ImagePlace } from '../data/image_place.js';
import type { Read } from '../data/read.js';
import type { Log } from '../observe/log.js';
import { bulkLine, type GpsPosition } from './bulk_row.js';
import { describeFailure } from './clickhouse.js';
import type { ImagePacks } from './images.js';
import type { ReadSpool } from './read_spool.js';
import type { SeenReads } from './seen_reads.js';
import { signal } from './signal.js';
import type { WriterCounts } from './writer_counts.js';

/** Reads become durable: images to their pack, rows to the spool, one sync for all that waited. */
export interface DurableGroups {
  /** Resolves when the read is durable, or when it was before. */
  add(read: Read, about: AppendedRead): Promise<void>;
  /** Whether a read would be durable soon. */
  takes(): boolean;
  /** What is durable is handed to the batches now, full or not. */
  seal(): Promise<void>;
  close(): Promise<void>;
  readonly waiting: number;
}

export interface GroupParts {
  readonly spool: ReadSpool;
  readonly images: ImagePacks;
  readonly seen: SeenReads;
  readonly counts: WriterCounts;
  readonly positionOf: (cameraId: string) => GpsPosition | null;
  readonly batch: { readonly rowsMax: number; readonly bytesMax: number; readonly ageMsMax: number };
  readonly spoolBytesMax: number;
  readonly log: Log;
  /** `doubtful`: an engine may be telling again what an earlier process stored. */
  readonly onSealed: (batch: number, doubtful: boolean) => void;
}

/** What is known of a read that is appended. */
export interface AppendedRead {
  /** Of the hot list it was matched with. */
  readonly listVersion?: number;
  /** It may have been appended before, by this process or an earlier one. */
  readonly retold?: boolean;
}

interface Waiting {
  readonly read: Read;
  readonly about: AppendedRead;
  readonly done: () => void;
}

/**
 * So many reads share one sync, prepared without a pause for anything else: a few milliseconds, because alerts share the event loop. Five
 * times as many cost half as much CPU again: their lines outlive the youngest generation of the heap.
 */
const groupRowsMax = 2_000;
/** Reads that may wait for the disk, with their pictures in memory; an engine keeps the others. */
const waitingMax = 512;
const fullPauseMs = 20;
const faultPauseMs = 200;

export function startGroups(parts: GroupParts): DurableGroups {
  const { spool, images, seen, counts, batch, log } = parts;
  let queue: Waiting[] = [];
  let openedAtMs = 0;
  let openBatchDoubtful = false;
  let closing = false;
  /** The disk did not take the last group. */
  let failing = false;
  let wake = signal();

  async function loop(): Promise<void> {
    for (;;) {
      while (queue.length === 0 && !closing) await wake.promise;
      if (queue.length === 0) return;
      wake = signal();
      if (spool.bytes >= parts.spoolBytesMax) {
        if (closing) return;
        await seal();
        await pause(fullPauseMs);
        continue;
      }
      const group = queue.splice(0, groupRowsMax);
      if (!(await makeDurable(group))) {
        queue = [...group, ...queue];
        if (closing) return;
        await pause(faultPauseMs);
      }
    }
  }

  async function makeDurable(group: readonly Waiting[]): Promise<boolean> {
    const fresh = unseen(group);
    try {
      if (fresh.length > 0) await writeAll(fresh);
    } catch (error) {
      failing = true;
      counts.failure = describeFailure(error);
      log.error({ reason: counts.failure }, 'spool write failed');
      return false;
    }
    failing = false;
    for (const { read } of fresh) seen.add(read.id);
    counts.appended += fresh.length;
    counts.repeated += group.length - fresh.length;
    for (const { done } of group) done();
    await sealIfFull();
    return true;
  }

  /** Each read once, however often it was told. */
  function unseen(group: readonly Waiting[]): Waiting[] {
    const inGroup = new Set<string>();
    return group.filter(({ read }) => {
      if (seen.has(read.id) || inGroup.has(read.id)) return false;
      inGroup.add(read.id);
      return true;
    });
  }

  async function writeAll(fresh: readonly Waiting[]): Promise<void> {
    const lines: string[] = [];
    const places: ImagePlace[] = [];
    for (const { read, about } of fresh) {
      const image = read.evidence.vehicle.length > 0 ? await images.append(read) : null;
      if (image) places.push(image);
      lines.push(
        bulkLine(read, { position: parts.positionOf(read.cameraId), image, listVersion: about.listVersion ?? 0 }),
      );
    }
    await images.sync(places);
    if (fresh.some(({ about }) => about.retold)) openBatchDoubtful = true;
    if (spool.openRows === 0) openedAtMs = performance.now();
    await spool.append(lines);
  }

  /** While the store refuses, a batch closes when it is full and not by age: an hour of few reads is one batch, not thousands. */
  async function sealIfFull(): Promise<void> {
    const full = spool.openRows >= batch.rowsMax || spool.openBytes >= batch.bytesMax;
    const aged = spool.openRows > 0 && performance.now() - openedAtMs >= batch.ageMsMax;
    if (full || (aged && counts.failingSinceMs === null)) await seal();
  }

  async function seal(): Promise<void> {
    const doubtful = openBatchDoubtful;
    const number = await spool.seal();
    if (number === null) return;
    openBatchDoubtful = false;
    parts.onSealed(number, doubtful);
  }

  const running = loop();
  const ageing = setInterval(() => void sealIfFull().catch(() => undefined), Math.max(10, batch.ageMsMax / 4));
  ageing.unref();

  return {
    takes: () => !failing && queue.length < waitingMax && spool.bytes < parts.spoolBytesMax,
    add: (read, about) =>
      new Promise<void>((resolve, reject) => {
        if (closing) return reject(new Error('the store is closing'));
        queue.push({ read, about, done: resolve });
        wake.wake();
      }),
    seal,
    async close() {
      closing = true;
      clearInterval(ageing);
      wake.wake();
      await running;
      await seal();
    },
    get waiting() {
      return queue.length;
    },
  };
}
