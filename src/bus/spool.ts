import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';

/**
 * Reports on disk while control cannot take them: one file a report, `<number>.report`, holding CRC-32 and the serialised
 * value. A file is whole or ignored (and counted), so a crash in the middle of a write loses only what was not yet spooled.
 */
export interface Spool<Value> {
  /** @returns false when the cap is reached: the value is not kept. */
  push(value: Value): boolean;
  /** Oldest first; each is removed by `remove` once it is delivered. */
  entries(): Iterable<{ readonly name: string; readonly value: Value }>;
  remove(name: string): void;
  readonly count: number;
  readonly damaged: number;
}

const headerBytes = 4;

export function openSpool<Value>(folder: string, bytesMax: number): Spool<Value> {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.report'))
    .sort();
  const sizes = new Map(names.map((name) => [name, statSync(join(folder, name)).size]));
  let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  let next = names.length ? Number.parseInt(names.at(-1) as string, 10) + 1 : 1;
  let damaged = 0;

  function remove(name: string): void {
    bytes -= sizes.get(name) ?? 0;
    sizes.delete(name);
    rmSync(join(folder, name), { force: true });
  }

  return {
    push(value) {
      const body = serialize(value);
      const size = body.length + headerBytes;
      if (bytes + size > bytesMax) return false;
      const name = `${String(next).padStart(12, '0')}.report`;
      next += 1;
      writeDurably(join(folder, name), body);
      sizes.set(name, size);
      bytes += size;
      return true;
    },
    *entries() {
      for (const name of [...sizes.keys()]) {
        const body = readWhole(join(folder, name));
        if (body) {
          yield { name, value: deserialize(body) as Value };
        } else {
          damaged += 1;
          remove(name);
        }
      }
    },
    remove,
    get count() {
      return sizes.size;
    },
    get damaged() {
      return damaged;
    },
  };
}

function writeDurably(path: string, body: Buffer): void {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(crc32(body));
  const file = openSync(path, 'wx');
  try {
    writeSync(file, Buffer.concat([header, body]));
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readWhole(path: string): Buffer | null {
  const content = readFileSync(path);
  if (content.length < headerBytes) return null;
  const body = content.subarray(headerBytes);
  return crc32(body) === content.readUInt32LE(0) ? body : null;
}
