import type { FieldSpec } from './field.js';
import { fromLocalInput, localInputOf } from './words.js';

export type Values = Readonly<Record<string, unknown>>;

export function initialValues(fields: readonly FieldSpec[]): Values {
  return Object.fromEntries(fields.map((field) => [field.name, initialOf(field)]));
}

function initialOf({ kind, initial }: FieldSpec): unknown {
  if (kind === 'moment' && typeof initial === 'number') return localInputOf(initial);
  return initial ?? (kind === 'checks' ? [] : kind === 'yes_no' ? null : '');
}

/** What the API takes: milliseconds for moments, numbers for numbers, capitals for plates, `null` for optional fields left empty. */
export function inputOf(fields: readonly FieldSpec[], values: Values): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, answerOf(field, values[field.name])]));
}

function answerOf({ kind, optional }: FieldSpec, value: unknown): unknown {
  if (optional && (value === '' || value === null)) return null;
  switch (kind) {
    case 'moment':
      return fromLocalInput(String(value));
    case 'number':
      return Number(value);
    case 'plate':
    case 'state':
      return String(value).trim().toUpperCase();
    case 'list':
      return String(value)
        .split(/[\s,;]+/)
        .filter((one) => one !== '');
    case 'checks':
    case 'yes_no':
      return value;
    default:
      return typeof value === 'string' ? value.trim() : value;
  }
}
