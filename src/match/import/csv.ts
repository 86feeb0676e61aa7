import { fail, ok } from '../../data/result.js';
import type { RowFormat } from './format.js';
import type { RawRow } from './row.js';

export const rowFields = [
  'plate',
  'state',
  'file',
  'code',
  'make',
  'model',
  'colour',
  'year',
  'entryId',
  'agency',
  'reason',
  'expiresAt',
] as const satisfies readonly (keyof RawRow)[];
export type RowField = (typeof rowFields)[number];

/** What a column is called when no mapping says otherwise. */
export const usualNames: Readonly<Record<RowField, string>> = {
  plate: 'plate',
  state: 'state',
  file: 'file',
  code: 'category',
  make: 'make',
  model: 'model',
  colour: 'colour',
  year: 'year',
  entryId: 'entry_id',
  agency: 'agency',
  reason: 'reason',
  expiresAt: 'expires_at',
};

export type ColumnNames = Readonly<Partial<Record<RowField, string>>>;

/**
 * CSV (RFC 4180, but a cell never holds a line break): the first line names the columns, a line that starts with `#` is a comment.
 * `names` maps our fields to the file's columns.
 */
export function csvFormat(names: ColumnNames, fileId: string | null): RowFormat {
  let places: Partial<Record<RowField, number>> | null = null;
  let width = 0;
  let fault: string | null = null;
  return {
    parse(line, number) {
      const text = line.toString('utf8').replace(number === 1 ? /^\uFEFF/ : /^$/, '');
      if (places === null) {
        if (text.trim() === '' || text.startsWith('#')) return null;
        const header = splitLine(text)?.map((name) => name.trim().toLowerCase()) ?? [];
        width = header.length;
        places = placesOf(header, names);
        fault = missing(places, names, number);
        return null;
      }
      if (text.trim() === '' || text.startsWith('#')) return null;
      const cells = splitLine(text);
      if (cells === null) return fail('quotes_do_not_close');
      if (cells.length !== width) return fail('wrong_cell_count');
      const cell = (field: RowField) => cells[places?.[field] ?? -1]?.trim() || null;
      return ok(rowOf(cell, fileId));
    },
    fault: () => fault,
    compiledAtMs: () => null,
  };
}

/** A row from its fields, however they are found. */
export function rowOf(cell: (field: RowField) => string | null, fileId: string | null): RawRow {
  const fields = Object.fromEntries(rowFields.map((field) => [field, cell(field)])) as Record<RowField, string | null>;
  return { ...fields, plate: fields.plate ?? '', code: fields.code ?? '', file: fields.file ?? fileId };
}

function placesOf(header: readonly string[], names: ColumnNames): Partial<Record<RowField, number>> {
  const found = rowFields.map((field) => [field, header.indexOf((names[field] ?? usualNames[field]).toLowerCase())]);
  return Object.fromEntries(found.filter(([, place]) => (place as number) >= 0));
}

function missing(places: Partial<Record<RowField, number>>, names: ColumnNames, line: number): string | null {
  const mapped = rowFields.filter((field) => names[field] !== undefined);
  const absent = (['plate', 'code', ...mapped] as const).find((field) => places[field] === undefined);
  if (absent === undefined) return null;
  return `line ${line}: no column "${names[absent] ?? usualNames[absent]}"; the first line must name the columns`;
}

/** @returns cells, or `null` when a quote does not close. */
function splitLine(line: string): string[] | null {
  if (!line.includes('"')) return line.split(',');
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string;
    if (quoted && c === '"' && line[i + 1] === '"') {
      cell += '"';
      i += 1;
    } else if (c === '"' && (quoted || cell === '')) {
      quoted = !quoted;
    } else if (c === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else {
      cell += c;
    }
  }
  return quoted ? null : [...cells, cell];
}
