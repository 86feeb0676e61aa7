import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assert } from '../data/result.js';

/**
 * Reads that are durable but not yet in the bulk store: one file a batch, `<number>.jsonl`. Lines are written in groups; each group
 * ends with `#<crc32 of the group, hex>`, written and synced with it. What stands after the last whole group was never
 * acknowledged, and is cut off when the file is opened again.
 */
export interface ReadSpool {
  /** Makes the lines durable in the open batch. Rejects when the disk does; then nothing of them stays in the file. */
  append(lines: readonly string[]): Promise<void>;
  /** Closes the open batch, if it has lines: it can be taken from now on. @returns its number. */
  seal(): Promise<number | null>;
  /** Numbers of sealed batches, oldest first. */
  sealed(): readonly number[];
  read(batch: number): Promise<SpooledBatch>;
  /** The batch is in the bulk store. */
  remove(batch: number): Promise<void>;
  /** The batch can never be stored: kept aside for a person. */
  reject(batch: number): Promise<void>;
  close(): Promise<void>;
  readonly openRows: number;
  readonly openBytes: number;
  /** All files: open, sealed and rejected. */
  readonly bytes: number;
  readonly rows: number;
  readonly rejected: number;
  /** Batches left by an earlier process: they may already be in the store. */
  readonly inherited: ReadonlySet<number>;
}

export interface SpooledBatch {
  /** Unique for ever: the store drops a second batch with the same token. */
  readonly token: string;
  readonly lines: readonly string[];
  /** The lines as the store takes them. */
  readonly body: Buffer;
  /** Groups whose checksum was wrong (a bad disk); their lines are left out, counted. */
  readonly damagedGroups: number;
}

interface OpenBatch {
  readonly number: number;
  readonly file: FileHandle;
  rows: number;
  bytes: number;
}

export async function openReadSpool(folder: string): Promise<ReadSpool> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = spoolIdentity(folder);
  const waiting = new Map<number, { bytes: number; rows: number }>();
  let rejected = 0;
  let rejectedBytes = 0;
  let last = 0;
  for (const name of readdirSync(folder).sort()) {
    const found = /^(\d+)\.(jsonl|rejected)$/.exec(name);
    if (!found) continue;
    const number = Number(found[1]);
    last = Math.max(last, number);
    const { size } = await stat(join(folder, name));
    if (found[2] === 'rejected') {
      rejected += 1;
      rejectedBytes += size;
    } else {
      const { lines } = parseGroups(await readFile(join(folder, name)));
      if (lines.length === 0) await rm(join(folder, name));
      else waiting.set(number, { bytes: size, rows: lines.length });
    }
  }
  const inherited = new Set(waiting.keys());
  let current: OpenBatch | null = null;

  const path = (number: number, ending = 'jsonl') => join(folder, `${String(number).padStart(12, '0')}.${ending}`);

  async function openBatch(): Promise<OpenBatch> {
    const file = await open(path(last + 1), 'wx', 0o600);
    last += 1;
    await syncFolder(folder);
    return { number: last, file, rows: 0, bytes: 0 };
  }

  /** Writes and seals take turns. */
  let turn: Promise<unknown> = Promise.resolve();
  function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  }

  return {
    append: (lines) =>
      inTurn(async () => {
        current ??= await openBatch();
        const batch = current;
        const group = Buffer.from(groupOf(lines));
        try {
          await writeAll(batch.file, group, batch.bytes);
          await batch.file.datasync();
        } catch (error) {
          await batch.file.truncate(batch.bytes).catch(() => undefined);
          throw error;
        }
        batch.rows += lines.length;
        batch.bytes += group.length;
      }),
    seal: () =>
      inTurn(async () => {
        if (!current || current.rows === 0) return null;
        const { number, file, bytes, rows } = current;
        current = null;
        waiting.set(number, { bytes, rows });
        await file.close();
        return number;
      }),
    sealed: () => [...waiting.keys()],
    async read(batch) {
      const { lines, damagedGroups } = parseGroups(await readFile(path(batch)));
      return { token: `${identity}-${batch}`, lines, body: Buffer.from(`${lines.join('\n')}\n`), damagedGroups };
    },
    async remove(batch) {
      assert(waiting.delete(batch), 'a batch leaves the spool once');
      inherited.delete(batch);
      await rm(path(batch), { force: true });
    },
    async reject(batch) {
      const known = waiting.get(batch);
      assert(known, 'only a waiting batch is rejected');
      await rename(path(batch), path(batch, 'rejected'));
      waiting.delete(batch);
      rejected += 1;
      rejectedBytes += known.bytes;
    },
    async close() {
      await turn;
      await current?.file.close();
      current = null;
    },
    get openRows() {
      return current?.rows ?? 0;
    },
    get openBytes() {
      return current?.bytes ?? 0;
    },
    get bytes() {
      return [...waiting.values()].reduce((sum, b) => sum + b.bytes, rejectedBytes + (current?.bytes ?? 0));
    },
    get rows() {
      return [...waiting.values()].reduce((sum, b) => sum + b.rows, current?.rows ?? 0);
    },
    get rejected() {
      return rejected;
    },
    inherited,
  };
}

function groupOf(lines: readonly string[]): string {
  const text = `${lines.join('\n')}\n`;
  return `${text}#${crc32(text).toString(16).padStart(8, '0')}\n`;
}

/** Whole groups only. A JSON line never begins with `#`. */
function parseGroups(content: Buffer): { lines: string[]; damagedGroups: number } {
  const lines: string[] = [];
  let damagedGroups = 0;
  let start = 0;
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(10, at);
    if (end < 0) break;
    if (content[at] === 35) {
      const group = content.subarray(start, at);
      if (crc32(group) === Number.parseInt(content.toString('latin1', at + 1, end), 16)) {
        lines.push(...group.toString('utf8').slice(0, -1).split('\n'));
      } else {
        damagedGroups += 1;
      }
      start = end + 1;
    }
    at = end + 1;
  }
  return { lines, damagedGroups };
}

/** Drawn once per spool, so that a new data directory never repeats an old token. */
function spoolIdentity(folder: string): string {
  const file = join(folder, 'identity');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    const identity = randomUUID();
    writeFileSync(file, `${identity}\n`, { mode: 0o600, flush: true });
    return identity;
  }
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
