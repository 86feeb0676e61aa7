import { createHash } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FoundRead } from '../data/found.js';
import { type CameraId, readId } from '../data/ids.js';
import type { ImagePlace } from '../data/image_place.js';
import type { Receipt } from '../data/receipt.js';
import { fail, type Result } from '../data/result.js';
import { columns, splitPassId } from './bulk_row.js';
import type { Warehouse } from './clickhouse.js';
import { type ReadRow, readOf } from './found_rows.js';
import type { ImageFault, ImageKind } from './image_record.js';
import { type ImagePacks, openImagePacks } from './images.js';
import { indexOfPacks } from './pack_reading.js';
import { localSuffix, type Topology } from './schema/engine.js';
import { heldQuery } from './search_sql.js';

/** Reads preserved for cases, rows and pictures, in places of their own that no retention touches until disposal [IV.F.2]. */
export interface HeldReads {
  /**
   * Copies reads to their case; repeating it changes nothing. Rejects when a read that is in the store could not be copied.
   * @param day only reads captured that UTC day, also when they are past retention: for the moment before the day is dropped
   * @returns how many of these reads the case keeps now, and the ids that are not there
   */
  preserve(
    caseNumber: string,
    readIds: readonly string[],
    day?: string,
  ): Promise<{ readonly preserved: number; readonly missing: readonly string[] }>;
  /** Oldest first. */
  reads(receipt: Receipt, caseNumber: string): Promise<readonly FoundRead[]>;
  image(receipt: Receipt, caseNumber: string, read: string, which: ImageKind): Promise<Result<Uint8Array, ImageFault>>;
  /** Both pictures and the digests they were stored with; null: none were kept. A damaged picture is null. */
  pictures(receipt: Receipt, caseNumber: string, read: string): Promise<HeldPictures | null>;
  /** Deletes all of a case, rows and pictures. @returns how much that was. */
  dispose(caseNumber: string): Promise<{ readonly reads: number; readonly imageBytes: number }>;
}

interface HeldPictures {
  readonly vehicle: Uint8Array | null;
  readonly plate: Uint8Array | null;
  readonly vehicleSha256: string;
  readonly plateSha256: string;
}

const caps = { bytesMax: 50 * 2 ** 30, packBytesMax: 256 << 20 };

export function createHeldReads(parts: {
  readonly warehouse: Warehouse;
  readonly images: ImagePacks;
  readonly folder: string;
  readonly topology: Topology;
  readonly keptAfter: () => string;
}): HeldReads {
  const { warehouse, images } = parts;
  const indexes = new Map<string, Map<string, ImagePlace>>();
  const table = `platestream.held_reads${localSuffix(parts.topology)}`;
  const onCluster = parts.topology.cluster ? ` ON CLUSTER '${parts.topology.cluster}'` : '';

  /** Case numbers have slashes and spaces; a folder has its digest. */
  const folderOf = (caseNumber: string) =>
    join(parts.folder, createHash('sha256').update(caseNumber).digest('hex').slice(0, 32));

  async function indexOf(caseNumber: string): Promise<Map<string, ImagePlace>> {
    const known = indexes.get(caseNumber);
    if (known) return known;
    const folder = folderOf(caseNumber);
    const index = existsSync(folder) ? await indexOfPacks(folder) : new Map<string, ImagePlace>();
    indexes.set(caseNumber, index);
    return index;
  }

  async function keptIds(caseNumber: string, readIds: readonly string[]): Promise<Set<string>> {
    const rows = await warehouse.query<{ id: string }>(
      `SELECT DISTINCT ${idExpression} AS id FROM platestream.held_reads WHERE case_number = {case_number:String} AND ${isOneOf}`,
      { case_number: caseNumber, ...idParams(readIds) },
    );
    return new Set(rows.map((row) => row.id));
  }

  async function copyRows(caseNumber: string, readIds: readonly string[], day: string | undefined): Promise<void> {
    const names = columns.join(', ');
    const when =
      day === undefined ? "captured_at > {kept_after:DateTime64(3, 'UTC')}" : 'toDate(captured_at) = {day:Date}';
    await warehouse.command(
      `INSERT INTO platestream.held_reads (${names}, case_number)
       SELECT ${names}, {case_number:String} FROM platestream.reads WHERE ${when} AND ${isOneOf} LIMIT 1 BY pass_run, pass_number`,
      {
        case_number: caseNumber,
        ...idParams(readIds),
        ...(day === undefined ? { kept_after: parts.keptAfter() } : { day }),
      },
    );
  }

  /** A picture that is damaged or was never kept is not there afterwards either; the row still is. */
  async function copyImages(caseNumber: string, reads: readonly FoundRead[]): Promise<void> {
    const index = await indexOf(caseNumber);
    const wanted = reads.filter((read) => read.image !== null && !index.has(read.readId));
    if (wanted.length === 0) return;
    const packs = openImagePacks(folderOf(caseNumber), caps);
    try {
      const places: ImagePlace[] = [];
      for (const read of wanted) places.push(...(await copyOne(packs, read)));
      await packs.sync(places);
    } finally {
      await packs.close();
      indexes.delete(caseNumber);
    }
  }

  async function copyOne(packs: ImagePacks, read: FoundRead): Promise<ImagePlace[]> {
    const place = read.image as ImagePlace;
    const [record, vehicle, plate] = await Promise.all([
      images.describe(place),
      images.load(place, 'vehicle'),
      images.load(place, 'plate'),
    ]);
    if (!record.ok || !vehicle.ok || !plate.ok) return [];
    const { vehicleSha256, plateSha256, about } = record.value;
    const evidence = { vehicle: vehicle.value, vehicleSha256, plate: plate.value, plateSha256 };
    const source = { ...about, id: readId(about.readId), cameraId: about.cameraId as CameraId, evidence };
    const copied = await packs.append(source);
    return copied ? [copied] : [];
  }

  async function rowsOf(caseNumber: string): Promise<readonly FoundRead[]> {
    const { sql, params } = heldQuery(caseNumber);
    return (await warehouse.search<ReadRow>(sql, params)).map(readOf);
  }

  return {
    async preserve(caseNumber, readIds, day) {
      const wanted = [...new Set(readIds)];
      if (wanted.length === 0) return { preserved: 0, missing: [] };
      const before = await keptIds(caseNumber, wanted);
      const absent = wanted.filter((id) => !before.has(id));
      if (absent.length > 0) await copyRows(caseNumber, absent, day);
      const kept = absent.length > 0 ? await keptIds(caseNumber, wanted) : before;
      const mine = (await rowsOf(caseNumber)).filter((read) => kept.has(read.readId));
      await copyImages(caseNumber, mine);
      const ofDay =
        day === undefined ? mine : mine.filter((read) => new Date(read.capturedAtMs).toISOString().startsWith(day));
      return { preserved: ofDay.length, missing: wanted.filter((id) => !kept.has(id)) };
    },
    reads: (_receipt, caseNumber) => rowsOf(caseNumber),
    async image(_receipt, caseNumber, read, which) {
      const place = (await indexOf(caseNumber)).get(read);
      if (!place) return fail('NOT_FOUND');
      const packs = openImagePacks(folderOf(caseNumber), caps);
      return packs.load(place, which).finally(() => packs.close());
    },
    async pictures(_receipt, caseNumber, read) {
      const place = (await indexOf(caseNumber)).get(read);
      if (!place) return null;
      const packs = openImagePacks(folderOf(caseNumber), caps);
      const [record, vehicle, plate] = await Promise.all([
        packs.describe(place),
        packs.load(place, 'vehicle'),
        packs.load(place, 'plate'),
      ]).finally(() => packs.close());
      if (!record.ok) return null;
      const { vehicleSha256, plateSha256 } = record.value;
      const bytesOf = (image: Result<Uint8Array, ImageFault>) => (image.ok ? image.value : null);
      return { vehicle: bytesOf(vehicle), plate: bytesOf(plate), vehicleSha256, plateSha256 };
    },
    async dispose(caseNumber) {
      const reads = (await rowsOf(caseNumber)).length;
      // A partition is named in the text of the statement: only what needs no escaping may stand there.
      if (!/^[A-Za-z0-9 ./_-]{1,64}$/.test(caseNumber)) throw new Error('not a case number');
      await warehouse.command(`ALTER TABLE ${table}${onCluster} DROP PARTITION '${caseNumber}'`);
      const folder = folderOf(caseNumber);
      const packs = existsSync(folder) ? openImagePacks(folder, caps) : null;
      const imageBytes = packs?.bytes ?? 0;
      await packs?.close();
      rmSync(folder, { recursive: true, force: true });
      indexes.delete(caseNumber);
      return { reads, imageBytes };
    },
  };
}

const idExpression = "concat(pass_run, '-', toString(pass_number))";
const isOneOf = `pass_run IN {runs:Array(String)} AND pass_number IN {numbers:Array(UInt32)} AND ${idExpression} IN {reads:Array(String)}`;

function idParams(readIds: readonly string[]) {
  const passes = readIds.map(splitPassId);
  return {
    runs: [...new Set(passes.map((pass) => pass.run))],
    numbers: [...new Set(passes.map((pass) => pass.number))],
    reads: passes.map((pass) => `${pass.run}-${pass.number}`),
  };
}
