import { fail, ok } from '../../data/result.js';
import type { RowFormat } from './format.js';

/** Zero-based, end exclusive, as one public importer reads the extract; confirm with the state's switch. */
const columns = {
  code: [0, 1],
  plate: [27, 37],
  state: [37, 39],
  plateYear: [45, 49],
  make: [49, 53],
  model: [53, 56],
  colour: [58, 66],
} as const;
const lineLengthMin = columns.state[1];

/**
 * The FBI's NCIC licence-plate extract: fixed columns, one header line first. The header's date, when it has one
 * (`YYYYMMDD`, `HHMM` after it), is when the list was compiled, UTC.
 */
export function ncicFormat(fileId: string | null): RowFormat {
  let compiledAtMs: number | null = null;
  return {
    parse(line, number) {
      if (number === 1) {
        compiledAtMs = dateIn(line.toString('latin1'));
        return null;
      }
      if (isBlank(line)) return null;
      if (line.length < lineLengthMin) return fail('line_too_short');
      const cell = (name: keyof typeof columns) =>
        line.toString('latin1', columns[name][0], columns[name][1]).trim() || null;
      return ok({
        plate: cell('plate') ?? '',
        state: cell('state'),
        file: fileId,
        code: cell('code') ?? '',
        make: line.length > columns.make[0] ? cell('make') : null,
        model: line.length > columns.model[0] ? cell('model') : null,
        colour: line.length > columns.colour[0] ? cell('colour') : null,
        year: null,
        entryId: null,
        agency: null,
        reason: null,
        expiresAt: null,
      });
    },
    fault: () => null,
    compiledAtMs: () => compiledAtMs,
  };
}

function isBlank(line: Buffer): boolean {
  for (const byte of line) if (byte !== 32 && byte !== 9) return false;
  return true;
}

function dateIn(header: string): number | null {
  const found = /(?<!\d)(20\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])\D?([01]\d|2[0-3])?([0-5]\d)?/.exec(header);
  if (!found) return null;
  const [, year, month, day, hour = '0', minute = '0'] = found.map((part) => part ?? undefined);
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
}
