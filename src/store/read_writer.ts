import { setTimeout as pause } from 'node:timers/promises';
import type { ImagePlace } from '../data/image_place.js';
import type { Read } from '../data/read.js';
import { type AppendedRead, type GroupParts, startGroups } from './durable_groups.js';
import { seenReads } from './seen_reads.js';
import { idOfLine, linesOf } from './spooled_lines.js';
import { type BatchParts, startBatches } from './stored_batches.js';
import { noCounts, type WriterCounts } from './writer_counts.js';

/**
 * Reads on their way to the bulk store: images to their pack, the row to the spool, both synced (only then is the read
 * acknowledged), then whole batches to the store, each under one deduplication token.
 *
 * When the spool is full or the disk fails, `append` waits: the read stays unacknowledged at its engine, which spools on its
 * own disk.
 */
export interface ReadWriter {
  /** Resolves when the read is durable. A read that was appended before is acknowledged and not stored again. */
  append(read: Read, about: AppendedRead): Promise<void>;
  takes(): boolean;
  saveImages(read: Read): Promise<ImagePlace | null>;
  /** Resolves when all that was appended so far is in the bulk store, or `deadlineMs` has passed (false). */
  flush(deadlineMs: number): Promise<boolean>;
  /** Reads captured until then that are still on their way, or were refused, go. @returns how many rows */
  forget(untilMs: number): Promise<number>;
  close(): Promise<void>;
  readonly counts: Readonly<WriterCounts>;
}

export type { AppendedRead };
export type WriterParts = Omit<GroupParts & BatchParts, 'seen' | 'counts' | 'onSealed'>;

export async function startReadWriter(parts: WriterParts): Promise<ReadWriter> {
  const { spool, images } = parts;
  const counts = noCounts();
  const seen = seenReads();
  for (const number of spool.sealed()) for (const line of linesOf(await spool.read(number))) seen.add(idOfLine(line));
  const batches = startBatches({ ...parts, counts });
  const groups = startGroups({ ...parts, seen, counts, onSealed: batches.take });

  return {
    append: groups.add,
    takes: groups.takes,
    async saveImages(read) {
      const place = await images.append(read);
      await images.sync(place ? [place] : []);
      return place;
    },
    async flush(deadlineMs) {
      const until = performance.now() + deadlineMs;
      const isEmpty = () => groups.waiting === 0 && spool.rows === 0;
      while (!isEmpty() && performance.now() < until) {
        if (groups.waiting === 0) await groups.seal();
        await pause(5);
      }
      return isEmpty();
    },
    async forget(untilMs) {
      await groups.seal();
      return parts.exclusive(() => spool.forget(untilMs));
    },
    async close() {
      await groups.close();
      await batches.close();
      await spool.close();
    },
    counts,
  };
}
