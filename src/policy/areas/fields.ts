import { z } from 'zod';

/** The kinds of value that commands are made of; each says once what it accepts. */
export const userIdField = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{1,31}$/, 'a login is 2 to 32 of a-z 0-9 . _ -, starting with a letter');
export const idField = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9:._-]{0,95}$/, 'not an id');
export const textField = z.string().trim().min(1).max(2000);
export const nameField = z.string().trim().min(1).max(120);
export const momentField = z.int().min(0).max(8.64e15);
export const sha256Field = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 in lower-case hex');
export const caseField = z
  .string()
  .regex(/^(?=.*\d)[A-Za-z0-9][A-Za-z0-9 ./_-]{2,63}$/, 'a case number has at least one digit');
/** As typed by a person; compared after folding case and separators. */
export const plateField = z.string().trim().min(1).max(12);
export const stateField = z.string().regex(/^[A-Z]{2}$/, 'two capital letters');

/** Separators and case do not matter on a plate; everything else does: no look-alike is taken for another. */
export function foldPlate(plate: string): string {
  return plate.toUpperCase().replace(/[\s.·•-]/g, '');
}
