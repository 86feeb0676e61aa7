import { hash } from 'node:crypto';
import { BloomFilter, bloomBytes } from '../bloom.js';
import { hashA } from '../plate_hash.js';
import { GrowingColumn, TextTable } from './growing.js';
import type { Sections, SnapshotHeader, SourceInfo } from './header.js';
import { type RowTexts, type Who, whoOf } from './row.js';
import type { Snapshot } from './snapshot.js';

export interface Built {
  readonly header: SnapshotHeader;
  readonly body: SharedArrayBuffer;
}

const rowsPerBucket = 4;
const columns = ['first', 'rest', 'who', 'vehicle', 'own'] as const;
type Column = (typeof columns)[number];

/** Gathers rows and lays them out as one immutable body: see `snapshot.ts` for what lies where. */
export class SnapshotBuilder {
  readonly #columns: Record<Column, GrowingColumn>;
  readonly #texts = { who: new TextTable(), vehicle: new TextTable(), own: new TextTable() };

  constructor() {
    this.#columns = Object.fromEntries(columns.map((name) => [name, new GrowingColumn()])) as Record<
      Column,
      GrowingColumn
    >;
  }

  get rows(): number {
    return this.#columns.first.length;
  }

  add(first: number, rest: number, row: RowTexts): void {
    const { first: firsts, rest: rests, who, vehicle, own } = this.#columns;
    firsts.push(first);
    rests.push(rest);
    who.push(this.#texts.who.numberOf(row.who));
    vehicle.push(this.#texts.vehicle.numberOf(row.vehicle));
    own.push(this.#texts.own.numberOf(row.own));
  }

  /** Takes over the rows of an earlier snapshot that `keep` wants. @returns how many it took. */
  copy(from: Snapshot, keep: (who: Who) => boolean): number {
    const before = this.rows;
    from.each(keep, (first, rest, row) => this.add(first, rest, row));
    return this.rows - before;
  }

  /** @param sources told how many rows of each source were there twice. */
  finish(
    version: number,
    createdAtMs: number,
    sources: (duplicates: ReadonlyMap<string, number>) => readonly SourceInfo[],
  ): Built {
    const { order, starts, duplicates, plates } = this.#arrange();
    const bodies = this.#bodies(order, starts);
    const { sections, bytes } = layOut(bodies);
    const body = new SharedArrayBuffer(bytes);
    for (const [name, part] of Object.entries(bodies))
      new Uint8Array(body).set(part, sections[name as keyof Sections][0]);
    const bodySha256 = hash('sha256', new Uint8Array(body), 'hex');
    const about = { format: 1 as const, version, createdAtMs, entries: order.length, plates };
    return { header: { ...about, bodyBytes: bytes, bodySha256, sections, sources: [...sources(duplicates)] }, body };
  }

  /** Rows in the order of their buckets (a counting sort), one of each. */
  #arrange() {
    const first = this.#columns.first.values();
    const rest = this.#columns.rest.values();
    const bits = bucketBits(first.length);
    const starts = new Uint32Array(2 ** bits + 1);
    const buckets = first.map((packed, row) => (bits === 0 ? 0 : hashA(packed, rest[row] as number) >>> (32 - bits)));
    for (const bucket of buckets) starts[bucket + 1] = (starts[bucket + 1] as number) + 1;
    for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
    const places = starts.slice();
    const order = new Uint32Array(first.length);
    for (let row = 0; row < order.length; row++) {
      const bucket = buckets[row] as number;
      const place = places[bucket] as number;
      order[place] = row;
      places[bucket] = place + 1;
    }
    return this.#withoutDuplicates(order, starts);
  }

  #withoutDuplicates(order: Uint32Array, starts: Uint32Array) {
    const all = columns.map((name) => this.#columns[name].values());
    const isSame = (row: number, other: number) => all.every((values) => values[row] === values[other]);
    const [first, rest] = all as [Uint32Array, Uint32Array];
    const isSamePlate = (row: number, other: number) => first[row] === first[other] && rest[row] === rest[other];
    const duplicates = new Map<string, number>();
    const kept = new Uint32Array(starts.length);
    let length = 0;
    let plates = 0;
    for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
      kept[bucket] = length;
      for (let i = starts[bucket] as number; i < (starts[bucket + 1] as number); i++) {
        const row = order[i] as number;
        const earlier = order.subarray(kept[bucket], length);
        if (earlier.some((other) => isSame(row, other))) {
          this.#countDuplicate(duplicates, row);
          continue;
        }
        if (!earlier.some((other) => isSamePlate(row, other))) plates += 1;
        order[length++] = row;
      }
    }
    kept[starts.length - 1] = length;
    return { order: order.subarray(0, length), starts: kept, duplicates, plates };
  }

  #countDuplicate(duplicates: Map<string, number>, row: number): void {
    const { source } = whoOf(this.#texts.who.textOf(this.#columns.who.values()[row] as number));
    duplicates.set(source, (duplicates.get(source) ?? 0) + 1);
  }

  #bodies(order: Uint32Array, starts: Uint32Array): Record<keyof Sections, Uint8Array> {
    const pick = (name: Column) => {
      const values = this.#columns[name].values();
      return order.map((row) => values[row] as number);
    };
    const [first, rest] = [pick('first'), pick('rest')];
    const bloomWords = new Uint32Array(bloomBytes(order.length) / 4);
    const bloom = new BloomFilter(bloomWords);
    for (let i = 0; i < order.length; i++) bloom.add(first[i] as number, rest[i] as number);
    const own = pick('own');
    const { who, vehicle, own: ownTexts } = this.#texts;
    const bytes = (part: Uint32Array) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    return {
      first: bytes(first),
      rest: bytes(rest),
      buckets: bytes(starts),
      bloom: bytes(bloomWords),
      who: bytes(pick('who')),
      vehicle: bytes(pick('vehicle')),
      own: bytes(own.every((number) => number === 0) ? new Uint32Array(0) : own),
      whoOffsets: bytes(who.offsets()),
      whoTexts: who.bytes(),
      vehicleOffsets: bytes(vehicle.offsets()),
      vehicleTexts: vehicle.bytes(),
      ownOffsets: bytes(ownTexts.offsets()),
      ownTexts: ownTexts.bytes(),
    };
  }
}

/** Buckets are a power of two, about four rows each, so a bucket is the leading bits of a hash. */
function bucketBits(rows: number): number {
  return Math.max(0, Math.ceil(Math.log2(Math.max(1, rows / rowsPerBucket))));
}

function layOut(bodies: Record<keyof Sections, Uint8Array>): { sections: Sections; bytes: number } {
  let at = 0;
  const sections = {} as Sections;
  for (const [name, { byteLength }] of Object.entries(bodies)) {
    sections[name as keyof Sections] = [at, byteLength];
    at += Math.ceil(byteLength / 64) * 64;
  }
  return { sections, bytes: at };
}
