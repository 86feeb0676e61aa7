import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImagePlace } from '../data/image_place.js';
import type { Read } from '../data/read.js';
import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import type { Clock } from '../observe/clock.js';
import { type Log, silentLog } from '../observe/log.js';
import { type AuditLog, createAuditLog } from './audit_log.js';
import { clickhouseTime, type GpsPosition } from './bulk_row.js';
import { describeFailure, openWarehouse, type Warehouse } from './clickhouse.js';
import { createHeldReads, type HeldReads } from './held_reads.js';
import type { ImageFault, ImageKind } from './image_record.js';
import { openImagePacks } from './images.js';
import { createReadHistory, type ReadHistory } from './read_history.js';
import { openReadSpool } from './read_spool.js';
import { type AppendedRead, startReadWriter } from './read_writer.js';
import { allowBackstop, createRetention, type Hold, type Retention } from './retention.js';
import { dayMs, oldestKeptMs } from './retention_days.js';
import { migrate } from './schema/migrations.js';
import type { StoreSettings } from './settings.js';
import { rejectedRows, type WriterCounts } from './writer_counts.js';

/** The bulk store: reads in, audited questions out, everything forgotten on its day. */
export interface Store {
  /** Resolves when the read and its images are durable on disk; waits (never rejects) while the spool is full or the disk fails. */
  append(read: Read, about?: AppendedRead): Promise<void>;
  /** Whether a read that is appended now would be durable soon: the disk works, the spool has room, not too many wait. */
  takes(): boolean;
  /** Images alone, durable; for an alert that is shown before its read is final. Null: not kept, the image store is full. */
  saveEvidence(read: Read): Promise<ImagePlace | null>;
  readonly history: ReadHistory;
  image(receipt: Receipt, place: ImagePlace, which: ImageKind): Promise<Result<Uint8Array, ImageFault>>;
  stats(): StoreStats;
  health(): { readonly healthy: boolean; readonly why: string | null };
  /** Waits until all appended reads can be found; false when `deadlineMs` passed first. */
  flush(deadlineMs: number): Promise<boolean>;
  readonly retention: Retention;
  /** Reads captured until then that wait for the store, or that it refused, go. @returns how many */
  forgetSpooled(untilMs: number): Promise<number>;
  readonly held: HeldReads;
  readonly audit: AuditLog;
  close(): Promise<void>;
}

interface StoreStats extends Readonly<WriterCounts> {
  readonly spoolRows: number;
  readonly spoolBytes: number;
  readonly imageBytes: number;
  readonly imagesRefused: number;
}

export interface StoreParts {
  readonly clock: Clock;
  readonly dataDir: string;
  /** Where cameras stand [III.I, III.K]; null for one whose place is not registered. */
  readonly cameraRegistry: { position(cameraId: string): GpsPosition | null };
  /** What is in force now [IV.F.3]; without it the setting. */
  readonly retentionDays?: () => number;
  /** Reads that cases keep, asked at each retention run. */
  readonly holds?: () => readonly Hold[];
  readonly log?: Log;
}

const failingMsMax = 30_000;

/** @returns the store, or one line that says why it cannot be opened. */
export async function openStore(settings: StoreSettings, parts: StoreParts): Promise<Result<Store, string>> {
  const folder = (name: string) => join(parts.dataDir, 'store', name);
  const topology = { cluster: settings.cluster };
  let warehouse: Warehouse;
  try {
    mkdirSync(folder('clickhouse'), { recursive: true, mode: 0o700 });
    warehouse = await openWarehouse(warehouseOptions(settings, folder('clickhouse')));
    const migrated = await migrate(warehouse, topology);
    if (!migrated.ok) {
      await warehouse.close();
      return migrated;
    }
    await allowBackstop(warehouse, parts.clock, topology);
  } catch (error) {
    return fail(`the bulk store (${settings.url}) cannot be opened: ${describeFailure(error)}`);
  }
  return ok(await assemble(settings, parts, warehouse, folder, topology));
}

async function assemble(
  settings: StoreSettings,
  parts: StoreParts,
  warehouse: Warehouse,
  folder: (name: string) => string,
  topology: { cluster: string | undefined },
): Promise<Store> {
  const { clock, log = silentLog } = parts;
  const exclusive = turns();
  const images = openImagePacks(folder('images'), settings.images);
  const spool = await openReadSpool(folder('spool'));
  const writer = await startReadWriter({
    spool,
    images,
    warehouse,
    positionOf: (camera) => parts.cameraRegistry.position(camera),
    batch: settings.batch,
    spoolBytesMax: settings.spool.bytesMax,
    log,
    exclusive,
  });
  const retentionDays = parts.retentionDays ?? (() => settings.retentionDays);
  const damagedParts = await countDamagedParts(warehouse);
  if (damagedParts > 0) log.error({ parts: damagedParts }, 'store parts damaged');
  const history = createReadHistory({ warehouse, clock, retentionDays, limits: settings.search, damagedParts });
  const held = createHeldReads({
    warehouse,
    images,
    folder: folder('held'),
    topology,
    keptAfter: () => clickhouseTime(oldestKeptMs(clock.nowMs(), retentionDays())),
  });
  const retention = createRetention({
    warehouse,
    images,
    held,
    clock,
    topology,
    retentionDays,
    holds: parts.holds ?? (() => []),
    exclusive,
  });
  return {
    append: (read, about = {}) => writer.append(read, about),
    takes: () => writer.takes(),
    saveEvidence: (read) => writer.saveImages(read),
    history,
    async image(_receipt, place, which) {
      const endOfDayMs = Date.parse(`${place.day}T00:00:00Z`) + dayMs;
      // The exact second is the row's; a day wholly past retention has no image even while its pack waits to be dropped.
      if (!(endOfDayMs > oldestKeptMs(clock.nowMs(), retentionDays()))) return fail('NOT_FOUND');
      return images.load(place, which);
    },
    stats: () => ({
      ...writer.counts,
      spoolRows: spool.rows,
      spoolBytes: spool.bytes,
      imageBytes: images.bytes,
      imagesRefused: images.refused,
    }),
    health: () => healthOf(writer.counts, spool.bytes / settings.spool.bytesMax, images.refused, damagedParts),
    flush: (deadlineMs) => writer.flush(deadlineMs),
    retention,
    forgetSpooled: (untilMs) => writer.forget(untilMs),
    held,
    audit: createAuditLog(warehouse, topology),
    async close() {
      await writer.close();
      await images.close();
      await warehouse.close();
    },
  };
}

function healthOf(
  counts: Readonly<WriterCounts>,
  spoolShare: number,
  imagesRefused: number,
  damagedParts: number,
): { healthy: boolean; why: string | null } {
  const failingMs = counts.failingSinceMs === null ? 0 : performance.now() - counts.failingSinceMs;
  const rejected = rejectedRows(counts);
  const why =
    (spoolShare >= 0.9 && 'the spool of reads is nearly full: the bulk store does not take them') ||
    (failingMs > failingMsMax &&
      `the bulk store has refused writes for ${Math.round(failingMs / 1000)} s (${counts.failure})`) ||
    (rejected > 0 && `${rejected} reads were refused by the bulk store and are kept aside`) ||
    (damagedParts > 0 &&
      `${damagedParts} parts of the bulk store are damaged and set aside; searches are incomplete until they are restored`) ||
    (imagesRefused > 0 && `${imagesRefused} reads have no images: the image store is full`) ||
    null;
  return { healthy: why === null, why };
}

/** The engine sets a part aside at start when its bytes are not what was written: its reads are then missing from every answer. */
async function countDamagedParts(warehouse: Warehouse): Promise<number> {
  const [row] = await warehouse.query<{ n: string }>(
    "SELECT count() AS n FROM system.detached_parts WHERE database = 'platestream' AND table LIKE 'reads%'",
  );
  return Number(row?.n ?? 0);
}

function warehouseOptions(settings: StoreSettings, embeddedFolder: string) {
  const writer = { user: settings.user, password: process.env[settings.passwordEnv] ?? '' };
  const searcher = settings.searchUser
    ? { user: settings.searchUser, password: process.env[settings.searchPasswordEnv] ?? '' }
    : writer;
  return {
    url: settings.url,
    embeddedFolder,
    writer,
    searcher,
    searchSecondsMax: settings.search.secondsMax,
    searchMemoryBytesMax: settings.search.memoryBytesMax,
    threadsMax: settings.search.threadsMax,
    requestMsMax: settings.requestMsMax,
  };
}

/** One piece of work at a time, in order. */
function turns(): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
}
