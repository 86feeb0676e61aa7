import { hash } from 'node:crypto';
import type { HotListEntry } from '../../data/match.js';
import { BloomFilter } from '../bloom.js';
import { unpackPlate } from '../plate.js';
import { hashA } from '../plate_hash.js';
import type { Sections, SnapshotHeader } from './header.js';
import { entryOf, type RowTexts, type Who, whoOf } from './row.js';

type TextColumn = 'who' | 'vehicle' | 'own';

/**
 * One version of the hot list, never changed once made. Its body is one piece of shared memory:
 *
 *     first, rest     the packed plates, in the order of their buckets (4 + 4 bytes an entry)
 *     buckets         where each bucket starts: the leading bits of a plate's hash name its bucket (about 1 byte an entry)
 *     bloom           the filter asked before anything else (2 bytes an entry)
 *     who, vehicle, own   for each entry the number of a text (4 bytes each; `own` is empty when no row has anything of its own)
 *     *Offsets, *Texts    the texts, each once
 */
export class Snapshot {
  readonly header: SnapshotHeader;
  readonly body: SharedArrayBuffer;
  readonly bloom: BloomFilter;
  readonly #first: Uint32Array;
  readonly #rest: Uint32Array;
  readonly #buckets: Uint32Array;
  readonly #shift: number;
  /** The numbers of each entry's texts, and where each text lies. */
  readonly #texts: Readonly<Record<TextColumn, { numbers: Uint32Array; offsets: Uint32Array; base: number }>>;

  /** @param body verified against the header before; see `file.ts`. */
  constructor(header: SnapshotHeader, body: SharedArrayBuffer) {
    this.header = header;
    this.body = body;
    this.bloom = new BloomFilter(this.#numbers('bloom'));
    this.#first = this.#numbers('first');
    this.#rest = this.#numbers('rest');
    this.#buckets = this.#numbers('buckets');
    this.#shift = 32 - Math.log2(this.#buckets.length - 1);
    this.#texts = { who: this.#textsOf('who'), vehicle: this.#textsOf('vehicle'), own: this.#textsOf('own') };
  }

  #textsOf(column: TextColumn) {
    const [base] = this.header.sections[`${column}Texts`];
    return { numbers: this.#numbers(column), offsets: this.#numbers(`${column}Offsets`), base };
  }

  #numbers(name: keyof Sections): Uint32Array {
    const [at, bytes] = this.header.sections[name];
    return new Uint32Array(this.body, at, bytes / 4);
  }

  has(first: number, rest: number): boolean {
    const end = this.#endOf(first, rest);
    for (let i = this.#startOf(first, rest); i < end; i++)
      if (this.#first[i] === first && this.#rest[i] === rest) return true;
    return false;
  }

  /** Exact: entries of one plate. */
  entriesOf(first: number, rest: number): HotListEntry[] {
    const found: HotListEntry[] = [];
    const end = this.#endOf(first, rest);
    for (let i = this.#startOf(first, rest); i < end; i++)
      if (this.#first[i] === first && this.#rest[i] === rest)
        found.push(entryOf(unpackPlate(first, rest), this.#row(i), derivedId));
    return found;
  }

  /** Whether an entry has this id; looks at every one, so it takes seconds for millions. */
  names(entryId: string): boolean {
    for (let i = 0; i < this.header.entries; i++) {
      const plate = unpackPlate(this.#first[i] as number, this.#rest[i] as number);
      if (entryOf(plate, this.#row(i), derivedId).entryId === entryId) return true;
    }
    return false;
  }

  /** Every plate once. */
  *plates(): Iterable<string> {
    for (let i = 0; i < this.header.entries; i++) {
      const [first, rest] = [this.#first[i] as number, this.#rest[i] as number];
      if (!this.#isEarlier(i, first, rest)) yield unpackPlate(first, rest);
    }
  }

  /** The same plate stands before `i` in its bucket. */
  #isEarlier(i: number, first: number, rest: number): boolean {
    for (let j = this.#startOf(first, rest); j < i; j++)
      if (this.#first[j] === first && this.#rest[j] === rest) return true;
    return false;
  }

  /** Calls `take` for every row whose "who" is wanted. */
  each(keep: (who: Who) => boolean, take: (first: number, rest: number, row: RowTexts) => void): void {
    const { numbers } = this.#texts.who;
    const kept = new Map<number, boolean>();
    for (let i = 0; i < this.header.entries; i++) {
      const number = numbers[i] as number;
      let wanted = kept.get(number);
      if (wanted === undefined) {
        wanted = keep(whoOf(this.#text('who', number)));
        kept.set(number, wanted);
      }
      if (wanted) take(this.#first[i] as number, this.#rest[i] as number, this.#row(i));
    }
  }

  #bucketOf(first: number, rest: number): number {
    return this.#shift === 32 ? 0 : hashA(first, rest) >>> this.#shift;
  }

  #startOf(first: number, rest: number): number {
    return this.#buckets[this.#bucketOf(first, rest)] as number;
  }

  #endOf(first: number, rest: number): number {
    return this.#buckets[this.#bucketOf(first, rest) + 1] as number;
  }

  #row(i: number): RowTexts {
    const { who, vehicle, own } = this.#texts;
    const text = (column: TextColumn, number: number | undefined) => this.#text(column, number ?? 0);
    return {
      who: text('who', who.numbers[i]),
      vehicle: text('vehicle', vehicle.numbers[i]),
      own: text('own', own.numbers[i]),
    };
  }

  #text(column: TextColumn, number: number): string {
    if (number === 0) return '';
    const { offsets, base } = this.#texts[column];
    const from = offsets[number] as number;
    return Buffer.from(this.body, base + from, (offsets[number + 1] as number) - from).toString();
  }
}

/** The id of a row whose source gives none: of its content, so that it outlives a new copy of the list. */
function derivedId(plate: string, { source, category, state }: Who): string {
  return `${source}-${hash('sha256', `${source} ${category} ${state} ${plate}`, 'hex').slice(0, 16)}`;
}
