import { fail, ok } from '../../data/result.js';
import { type ColumnNames, rowOf, usualNames } from './csv.js';
import type { RowFormat } from './format.js';

/** JSON Lines: one object a line, the same names as in CSV. */
export function jsonLinesFormat(names: ColumnNames, fileId: string | null): RowFormat {
  return {
    parse(line) {
      const text = line.toString('utf8').trim();
      if (text === '') return null;
      const object = parseObject(text);
      if (object === null) return fail('not_json');
      let wrong = false;
      const row = rowOf((field) => {
        const name = names[field] ?? usualNames[field];
        const value = Object.hasOwn(object, name) ? object[name] : null;
        if (value === null || value === '') return null;
        if (typeof value !== 'string' && typeof value !== 'number') wrong = true;
        return String(value).trim() || null;
      }, fileId);
      return wrong ? fail('not_text') : ok(row);
    },
    fault: () => null,
    compiledAtMs: () => null,
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
