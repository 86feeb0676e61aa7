import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { writeNewFile } from '../files/whole_file.js';

/**
 * Reports on disk while control cannot take them: one file a report, `<place>.report`, holding CRC-32 and the serialised
 * value. A file is whole or ignored (and counted), so a crash in the middle of a write loses only what was not yet spooled.
 */
export interface Spool<Value> {
  /** A place behind all others, for a value that may come to the disk later than those after it. */
  nextPlace(): number;
  /** @returns false when the cap is reached or the disk does not take it: the value is not kept. */
  push(value: Value, place: number): boolean;
  /** In the order of their places, without those in `except`; each is removed by `remove` once it is delivered. */
  entries(except: ReadonlySet<number>): Iterable<{ readonly place: number; readonly value: Value }>;
  remove(place: number): void;
  /** What was written until then goes. @returns how many values */
  forget(untilMs: number): number;
  readonly count: number;
  readonly damaged: number;
}

const headerBytes = 4;

/** @throws when the folder cannot be used. */
export function openSpool<Value>(folder: string, bytesMax: number): Spool<Value> {
  mkdirSync(folder, { recursive: true });
  const fileOf = (place: number) => join(folder, `${String(place).padStart(12, '0')}.report`);
  const places = readdirSync(folder)
    .filter((name) => name.endsWith('.report'))
    .map((name) => Number.parseInt(name, 10));
  const sizes = new Map(places.map((place) => [place, statSync(fileOf(place)).size]));
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let last = places.reduce((most, place) => Math.max(most, place), 0);
  let damaged = 0;

  function remove(place: number): void {
    bytes -= sizes.get(place) ?? 0;
    sizes.delete(place);
    rmSync(fileOf(place), { force: true });
  }

  return {
    nextPlace() {
      last += 1;
      return last;
    },
    push(value, place) {
      const body = serialize(value);
      const size = body.length + headerBytes;
      if (bytes + size > bytesMax) return false;
      if (!writeDurably(fileOf(place), body)) return false;
      sizes.set(place, size);
      bytes += size;
      return true;
    },
    *entries(except) {
      for (const place of [...sizes.keys()].filter((one) => !except.has(one)).sort((a, b) => a - b)) {
        const body = readWhole(fileOf(place));
        if (body) {
          yield { place, value: deserialize(body) as Value };
        } else {
          damaged += 1;
          remove(place);
        }
      }
    },
    remove,
    forget(untilMs) {
      const over = [...sizes.keys()].filter((place) => statSync(fileOf(place)).mtimeMs <= untilMs);
      for (const place of over) remove(place);
      return over.length;
    },
    get count() {
      return sizes.size;
    },
    get damaged() {
      return damaged;
    },
  };
}

function writeDurably(path: string, body: Buffer): boolean {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(crc32(body));
  try {
    writeNewFile(path, Buffer.concat([header, body]));
    return true;
  } catch {
    return false;
  }
}

function readWhole(path: string): Buffer | null {
  const content = readFileSync(path);
  if (content.length < headerBytes) return null;
  const body = content.subarray(headerBytes);
  return crc32(body) === content.readUInt32LE(0) ? body : null;
}
