import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../data/result.js';
import { AppendFile } from '../files/append_file.js';
import { realDisk } from '../files/disk.js';
import { replaceFile } from '../files/replace_file.js';
import { writeNewFile } from '../files/whole_file.js';
import { clickhouseTime } from './bulk_row.js';
import { groupOf, parseGroups, type SpoolContent } from './spool_file.js';
import { linesOf, passOfLine } from './spooled_lines.js';

/**
 * Reads that are durable but not yet in the bulk store: one file a batch, `<number>-<opening>.jsonl`. The opening is drawn anew each time
 * the spool is opened: numbers begin again where the folder is empty, and a token must never come twice. What stands after the last whole
 * group of a file was never acknowledged, and is left out when the file is read again.
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
  /** These rows of the batch can never be stored and are kept aside for a person; the others are in the bulk store. */
  reject(batch: number, lines: readonly string[]): Promise<void>;
  /** Rows captured until then leave what is sealed or rejected. @returns how many they were */
  forget(untilMs: number): Promise<number>;
  close(): Promise<void>;
  readonly openRows: number;
  readonly openBytes: number;
  /** All files: open, sealed and rejected. */
  readonly bytes: number;
  /** Open and sealed. */
  readonly rows: number;
  /** Batches left by an earlier process: they may already be in the store. */
  readonly inherited: ReadonlySet<number>;
}

export interface SpooledBatch extends SpoolContent {
  /** Unique for ever: the store drops a second batch with the same token. */
  readonly token: string;
}

/** A closed file: `jsonl` waits for the store, `rejected` for a person. */
interface Closed {
  readonly ending: 'jsonl' | 'rejected';
  readonly bytes: number;
  readonly rows: number;
  /** In which opening of the spool it was written. */
  readonly opening: string;
}

interface OpenBatch {
  readonly number: number;
  readonly file: AppendFile;
  rows: number;
}

export async function openReadSpool(folder: string): Promise<ReadSpool> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const identity = spoolIdentity(folder);
  const opening = randomBytes(4).toString('hex');
  const closed = await closedFiles(folder);
  const inherited = new Set(numbersOf('jsonl'));
  let last = Math.max(0, ...closed.keys());
  let closedBytes = sumOf((one) => one.bytes);
  let sealedRows = sumOf((one) => (one.ending === 'jsonl' ? one.rows : 0));
  let current: OpenBatch | null = null;

  function numbersOf(ending: Closed['ending']): number[] {
    return [...closed].filter(([, one]) => one.ending === ending).map(([number]) => number);
  }

  function sumOf(count: (one: Closed) => number): number {
    return [...closed.values()].reduce((sum, one) => sum + count(one), 0);
  }

  const pathOf = (number: number, { opening: from, ending }: Pick<Closed, 'opening' | 'ending'>) =>
    join(folder, `${String(number).padStart(12, '0')}-${from}.${ending}`);

  function known(batch: number): Closed {
    const one = closed.get(batch);
    assert(one !== undefined, 'a batch leaves the spool once');
    return one;
  }

  /** The only place where a closed file comes, changes or goes, so that the totals are right. */
  function put(batch: number, next: Closed | null): void {
    const before = closed.get(batch);
    for (const [one, sign] of [
      [before, -1],
      [next, 1],
    ] as const) {
      closedBytes += sign * (one?.bytes ?? 0);
      sealedRows += sign * (one?.ending === 'jsonl' ? one.rows : 0);
    }
    if (next) closed.set(batch, next);
    else closed.delete(batch);
  }

  async function openBatch(): Promise<OpenBatch> {
    const file = await AppendFile.open(pathOf(last + 1, { opening, ending: 'jsonl' }), 0);
    last += 1;
    await realDisk.syncFolder(folder);
    return { number: last, file, rows: 0 };
  }

  async function remove(batch: number): Promise<void> {
    const path = pathOf(batch, known(batch));
    put(batch, null);
    inherited.delete(batch);
    await rm(path, { force: true });
  }

  /** At every moment the file has its old rows or these. */
  async function keepOnly(batch: number, lines: readonly string[]): Promise<void> {
    const one = known(batch);
    const path = pathOf(batch, one);
    const content = groupOf(lines);
    await replaceFile(path, content);
    put(batch, { ...one, rows: lines.length, bytes: content.length });
  }

  async function forgetIn(batch: number, untilMs: number): Promise<number> {
    const one = known(batch);
    const path = pathOf(batch, one);
    const lines = linesOf(parseGroups(await readFile(path)));
    // Where the disk has damaged every line, its rows are at least as old as the file.
    if (lines.length === 0 && (await stat(path)).mtimeMs > untilMs) return 0;
    const until = clickhouseTime(untilMs);
    const left = lines.filter((line) => passOfLine(line).capturedAt > until);
    if (left.length === 0) await remove(batch);
    else if (left.length < lines.length) await keepOnly(batch, left);
    return lines.length - left.length;
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
        await batch.file.append(groupOf(lines));
        batch.rows += lines.length;
      }),
    seal: () =>
      inTurn(async () => {
        if (!current || current.rows === 0) return null;
        const { number, file, rows } = current;
        current = null;
        put(number, { ending: 'jsonl', bytes: file.bytes, rows, opening });
        await file.close();
        return number;
      }),
    sealed: () => numbersOf('jsonl'),
    async read(batch) {
      const one = known(batch);
      return { token: `${identity}-${one.opening}-${batch}`, ...parseGroups(await readFile(pathOf(batch, one))) };
    },
    remove,
    async reject(batch, lines) {
      // Cut off between the two steps, the rows left are tried and refused again.
      await keepOnly(batch, lines);
      const one = known(batch);
      const aside = { ...one, ending: 'rejected' } as const;
      await rename(pathOf(batch, one), pathOf(batch, aside));
      put(batch, aside);
    },
    async forget(untilMs) {
      let forgotten = 0;
      for (const batch of [...closed.keys()]) forgotten += await forgetIn(batch, untilMs);
      return forgotten;
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
      return current?.file.bytes ?? 0;
    },
    get bytes() {
      return closedBytes + (current?.file.bytes ?? 0);
    },
    get rows() {
      return sealedRows + (current?.rows ?? 0);
    },
    inherited,
  };
}

/** What earlier processes left, oldest first; a file without a whole row was never acknowledged and goes. */
async function closedFiles(folder: string): Promise<Map<number, Closed>> {
  const files = new Map<number, Closed>();
  for (const name of readdirSync(folder).sort()) {
    const found = /^(\d+)-([0-9a-f]{8})\.(jsonl|rejected)$/.exec(name);
    if (!found) {
      if (name.endsWith('.part')) await rm(join(folder, name));
      continue;
    }
    const content = await readFile(join(folder, name));
    const { rows } = parseGroups(content);
    const [, number, opening, ending] = found as unknown as [string, string, string, Closed['ending']];
    if (rows === 0 && ending === 'jsonl') await rm(join(folder, name));
    else files.set(Number(number), { ending, bytes: content.length, rows, opening });
  }
  return files;
}

/** Drawn once per spool, so that a new data directory never repeats an old token. */
function spoolIdentity(folder: string): string {
  const file = join(folder, 'identity');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const identity = randomUUID();
  writeNewFile(file, `${identity}\n`);
  return identity;
}
