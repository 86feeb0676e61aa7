import type { HotListEntry } from '../../data/match.js';
import { fail, ok, type Result } from '../../data/result.js';
import { normalisePlate } from '../plate.js';

/** What the policy says of a category: only authorised ones are loaded [IV.A.3.a], prohibited ones are dropped and counted [IV.A.3.b]. */
export type CategoryRule = (category: string) => 'authorised' | 'prohibited' | 'unknown';

export interface Imported {
  readonly entries: readonly HotListEntry[];
  readonly prohibited: number;
  /** Line numbers and reasons, never content. */
  readonly rejected: readonly { readonly line: number; readonly reason: string }[];
}

const lineLengthMax = 4096;
const linesMax = 10_000_000;

/**
 * Reads a hot list in CSV (RFC 4180, first line names the columns; `plate`, `category` needed; `state`, `entry_id`, `source`,
 * `reason`, `make`, `model`, `colour`, `year`, `agency` used when there). Refused as a whole when too many lines are rejected.
 */
export function importCsv(
  text: string,
  source: string,
  ruleOf: CategoryRule,
  rejectedShareMax: number,
): Result<Imported, string> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = splitLine(lines[0] ?? '')?.map((name) => name.trim().toLowerCase()) ?? [];
  for (const needed of ['plate', 'category']) {
    if (!columns.includes(needed)) return fail(`line 1: no column "${needed}"; the first line must name the columns`);
  }
  if (lines.length > linesMax) return fail(`more than ${linesMax} lines`);
  const entries: HotListEntry[] = [];
  const rejected: { line: number; reason: string }[] = [];
  let prohibited = 0;
  let rows = 0;
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line.trim() === '' || line.startsWith('#')) continue;
    rows += 1;
    const row = parseRow(line, columns, `${source}:${index + 1}`, source);
    if (!row.ok) {
      rejected.push({ line: index + 1, reason: row.error });
      continue;
    }
    const rule = ruleOf(row.value.category);
    if (rule === 'authorised') entries.push(row.value);
    else if (rule === 'prohibited') prohibited += 1;
    else rejected.push({ line: index + 1, reason: 'CATEGORY_UNKNOWN' });
  }
  if (rejected.length > rows * rejectedShareMax) {
    const first = rejected[0];
    return fail(
      `${rejected.length} of ${rows} lines rejected (first: line ${first?.line}, ${first?.reason}); nothing was loaded`,
    );
  }
  return ok({ entries, prohibited, rejected });
}

function parseRow(
  line: string,
  columns: readonly string[],
  entryId: string,
  source: string,
): Result<HotListEntry, string> {
  if (line.length > lineLengthMax) return fail('line too long');
  const cells = splitLine(line);
  if (!cells) return fail('quotes do not close');
  if (cells.length !== columns.length) return fail(`${cells.length} cells, ${columns.length} columns`);
  const cell = (name: string) => cells[columns.indexOf(name)]?.trim() || null;
  const plate = normalisePlate(cell('plate') ?? '');
  if (plate === null) return fail('not a plate');
  const state = cell('state')?.toUpperCase().replaceAll('0', 'O') ?? null;
  if (state !== null && !/^[A-Z]{2,3}$/.test(state)) return fail('not a state');
  const year = Number(cell('year'));
  const description = {
    ...(cell('make') ? { make: cell('make') as string } : {}),
    ...(cell('model') ? { model: cell('model') as string } : {}),
    ...(cell('colour') ? { colour: cell('colour') as string } : {}),
    ...(Number.isInteger(year) && year > 1900 ? { year } : {}),
  };
  return ok({
    entryId: cell('entry_id') ?? entryId,
    plate,
    state,
    category: cell('category')?.toLowerCase() ?? '',
    source: cell('source') ?? source,
    vehicle: Object.keys(description).length > 0 ? description : null,
    originatingAgency: cell('agency'),
    expiresAtMs: null,
    reason: cell('reason'),
  });
}

/** @returns cells, or `null` when a quote does not close. */
function splitLine(line: string): string[] | null {
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
