import type { HotListEntry } from '../../data/match.js';
import { fail, ok, type Result } from '../../data/result.js';
import { normalisePlate, type Plate } from '../plate.js';

/** A row as its file has it, before anything is believed. `null` = the file says nothing. */
export interface RawRow {
  readonly plate: string;
  readonly state: string | null;
  /** Which of the source's files the row is from. */
  readonly file: string | null;
  readonly code: string;
  readonly make: string | null;
  readonly model: string | null;
  readonly colour: string | null;
  readonly year: string | null;
  readonly entryId: string | null;
  readonly agency: string | null;
  readonly reason: string | null;
  readonly expiresAt: string | null;
}

/** Why a line was rejected; a closed set, so a report never repeats what the line said. */
export type RejectReason =
  | 'line_too_long'
  | 'line_too_short'
  | 'quotes_do_not_close'
  | 'wrong_cell_count'
  | 'not_json'
  | 'not_text'
  | 'not_a_plate'
  | 'not_a_state'
  | 'not_a_date'
  | 'field_too_long'
  | 'category_missing'
  | 'category_unknown'
  | 'category_by_hand';

export interface CleanRow {
  readonly plate: Plate;
  readonly state: string | null;
  readonly vehicle: HotListEntry['vehicle'];
  readonly entryId: string | null;
  readonly agency: string | null;
  readonly reason: string | null;
  readonly expiresAtMs: number | null;
  /** A digit stood where only letters can be, and was read as the letter it looks like. */
  readonly stateNormalised: boolean;
}

const fieldLengthMax = 256;
const letterOfDigit: Readonly<Record<string, string>> = { '0': 'O', '1': 'I', '5': 'S', '8': 'B' };

/** Each field by its own rule: a state is letters, a plate keeps its digits. */
export function cleanRow(raw: RawRow): Result<CleanRow, RejectReason> {
  const plate = normalisePlate(raw.plate);
  if (plate === null) return fail('not_a_plate');
  const written = raw.state?.trim().toUpperCase() || null;
  const state = written?.replace(/[0158]/g, (digit) => letterOfDigit[digit] as string) ?? null;
  if (state !== null && !/^[A-Z]{2}$/.test(state)) return fail('not_a_state');
  const texts = [raw.make, raw.model, raw.colour, raw.entryId, raw.agency, raw.reason];
  if (texts.some((text) => text !== null && text.length > fieldLengthMax)) return fail('field_too_long');
  const expiresAtMs = raw.expiresAt === null ? null : Date.parse(raw.expiresAt);
  if (expiresAtMs !== null && !(expiresAtMs >= 0)) return fail('not_a_date');
  const { entryId, agency, reason } = raw;
  const vehicle = vehicleOf(raw);
  return ok({ plate, state, vehicle, entryId, agency, reason, expiresAtMs, stateNormalised: state !== written });
}

function vehicleOf({ make, model, colour, year }: RawRow): HotListEntry['vehicle'] {
  const number = year === null ? Number.NaN : Number(year);
  const known = Number.isInteger(number) && number >= 1900 && number <= 2100;
  if (make === null && model === null && colour === null && !known) return null;
  return {
    ...(make !== null && { make }),
    ...(model !== null && { model }),
    ...(colour !== null && { colour }),
    ...(known && { year: number }),
  };
}
