import { createHash, hash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundRead } from '../data/found.js';
import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import type { ReadsCriteria } from '../store/criteria.js';
import type { ReadHistory } from '../store/read_history.js';

export const exportFormats = ['csv', 'jsonl', 'parquet'] as const;
type Format = (typeof exportFormats)[number];

const mediaTypes: Readonly<Record<Format, string>> = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
};

export interface ExportFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  /** Of the whole file. */
  readonly sha256: string;
  readonly rows: number;
  /** False: more rows matched than were asked for. */
  readonly complete: boolean;
  stream(): AsyncIterable<Uint8Array>;
  discard(): void;
}

/** Writes the whole export to disk first: its count and digest are in the ledger before its first byte leaves. */
export async function exportTo(
  folder: string,
  history: ReadHistory,
  receipt: Receipt,
  asked: {
    readonly criteria: ReadsCriteria;
    readonly format: Format;
    readonly rows: number;
    readonly pageRows: number;
  },
): Promise<Result<ExportFile, string>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = `reads-${receipt.sequence}.${asked.format}`;
  const file = join(folder, name);
  const discard = () => rmSync(file, { force: true });
  try {
    const made = asked.format === 'parquet' ? await writeParquet(file) : await writeLines(file);
    if (!made.ok) discard();
    return made.ok ? ok({ ...made.value, name, mediaType: mediaTypes[asked.format], discard, stream }) : made;
  } catch (error) {
    discard();
    return fail(`the export could not be made (${(error as NodeJS.ErrnoException).code ?? 'store error'})`);
  }

  async function* stream(): AsyncIterable<Uint8Array> {
    try {
      yield* createReadStream(file) as AsyncIterable<Buffer>;
    } finally {
      discard();
    }
  }

  async function writeParquet(path: string): Promise<Result<Made, string>> {
    const made = await history.parquet(receipt, asked.criteria, asked.rows);
    if ('code' in made) return fail(made.message);
    await writeFile(path, made.bytes, { mode: 0o600 });
    const { rows, complete, bytes } = made;
    return ok({ rows, complete, bytes: bytes.length, sha256: hash('sha256', bytes, 'hex') });
  }

  async function writeLines(path: string): Promise<Result<Made, string>> {
    const handle = await open(path, 'w', 0o600);
    try {
      const output = digestingWriter(handle);
      if (asked.format === 'csv') await output.write(csvLine(csvHeader));
      const pages = await writePages(output.write);
      if (!pages.ok) return pages;
      const { rows, complete } = pages.value;
      const end = { kind: 'end', rows, complete, sha256: output.digest(), receipt: receipt.sequence };
      await output.write(asked.format === 'csv' ? csvEnd(end) : `${JSON.stringify(end)}\n`);
      return ok({ rows, complete, bytes: output.bytes(), sha256: output.digest() });
    } finally {
      await handle.close();
    }
  }

  async function writePages(
    write: (text: string) => Promise<void>,
  ): Promise<Result<{ rows: number; complete: boolean }, string>> {
    let cursor: string | null = null;
    let rows = 0;
    do {
      const page: ReadsCriteria = {
        ...asked.criteria,
        order: 'oldest',
        pageRows: Math.min(asked.pageRows, asked.rows - rows),
        ...(cursor !== null && { cursor }),
      };
      for await (const item of history.search(receipt, page)) {
        if (item.kind === 'failed') return fail(item.message);
        if (item.kind === 'end') cursor = item.cursor;
        else if (item.kind === 'read') {
          await write(asked.format === 'csv' ? csvLine(csvCells(item)) : `${JSON.stringify(item)}\n`);
          rows += 1;
        }
      }
    } while (cursor !== null && rows < asked.rows);
    return ok({ rows, complete: cursor === null });
  }
}

const takenWithinMs = 3_600_000;

/** Deletes files whose answer was never taken: a client that went away before the first byte. @returns how many */
export function forgetExports(folder: string, nowMs = Date.now()): number {
  const left = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const over = left.filter((file) => nowMs - statSync(file).mtimeMs > takenWithinMs);
  for (const file of over) rmSync(file, { force: true });
  return over.length;
}

type Made = Pick<ExportFile, 'rows' | 'complete' | 'bytes' | 'sha256'>;

/** Bytes gathered to larger writes, counted and digested on the way. */
function digestingWriter(handle: FileHandle) {
  const digest = createHash('sha256');
  let bytes = 0;
  return {
    async write(text: string): Promise<void> {
      const chunk = Buffer.from(text);
      digest.update(chunk);
      bytes += chunk.length;
      await handle.write(chunk);
    },
    digest: () => digest.copy().digest('hex'),
    bytes: () => bytes,
  };
}

const csvHeader = [
  'read_id',
  'captured_at_utc',
  'camera',
  'latitude',
  'longitude',
  'plate',
  'state',
  'confidence',
  'alternatives',
  'direction',
  'evidence_digest',
  'model',
];

function csvCells(read: FoundRead): (string | number | null)[] {
  return [
    read.readId,
    new Date(read.capturedAtMs).toISOString(),
    read.cameraId,
    read.position?.latitude ?? null,
    read.position?.longitude ?? null,
    read.plate,
    read.state,
    read.confidence,
    read.alternatives.map((a) => a.text).join(' '),
    read.direction,
    read.evidenceDigest,
    read.model,
  ];
}

/** RFC 4180; a text that a spreadsheet would take for a formula is quoted with an apostrophe. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string | number | null): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const safe = /^[=+\-@\t\r\n|%]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function csvEnd(end: { rows: number; complete: boolean; sha256: string; receipt: number }): string {
  return `#end,rows=${end.rows},complete=${end.complete},sha256=${end.sha256},receipt=${end.receipt}\r\n`;
}
