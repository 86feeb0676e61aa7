import { z } from 'zod';
import { fail, ok, type Result } from '../data/result.js';
import type { StoreSettings } from './settings.js';

/** What an analyst asks. Every field is a bound parameter in the query; none is ever part of its text. */
const plateText = z.string().regex(/^[A-Z0-9]{1,12}$/, 'a plate is 1 to 12 of A-Z and 0-9');
const wildcardText = z
  .string()
  .regex(/^[A-Z0-9?*]{1,16}$/, 'a partial plate is A-Z, 0-9, ? (one character) and * (any run), at most 16');
const camera = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'not a camera name');
const moment = z
  .int()
  .min(0)
  .max(Date.UTC(2100, 0, 1));
const degrees = (max: number) => z.number().min(-max).max(max);

const where = {
  fromMs: moment.optional(),
  /** Not included. */
  toMs: moment.optional(),
  state: z
    .string()
    .regex(/^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$/, 'not a state or country code')
    .optional(),
  cameras: z.array(camera).min(1).max(500).optional(),
  area: z
    .union([
      z.strictObject({ south: degrees(90), west: degrees(180), north: degrees(90), east: degrees(180) }),
      z.strictObject({ latitude: degrees(90), longitude: degrees(180), radiusMetres: z.number().min(1).max(50_000) }),
      /** Corners as latitude, longitude. */
      z.strictObject({
        polygon: z
          .array(z.tuple([degrees(90), degrees(180)]))
          .min(3)
          .max(64),
      }),
    ])
    .optional(),
  confidenceMin: z.number().min(0).max(1).optional(),
};

const which = {
  plate: plateText.optional(),
  wildcard: wildcardText.optional(),
  plates: z.array(plateText).min(1).max(500).optional(),
  /** Also texts that differ in characters a reader confuses (0 and O, 8 and B, ...). */
  ocrEquivalents: z.boolean().default(false),
  /** Also reads whose second-best texts match. */
  alternatives: z.boolean().default(false),
};

const page = {
  order: z.enum(['newest', 'oldest']).default('newest'),
  pageRows: z.int().min(1).max(10_000).default(100),
  /** From the end marker of the page before. */
  cursor: z.string().max(400).optional(),
};

export const criteriaSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reads'), ...which, ...where, ...page }),
  /** One row a plate: first and last seen, how often, at how many cameras. */
  z.strictObject({ kind: z.literal('plates'), ...which, ...where, pageRows: page.pageRows }),
  /** Reads counted by hour, and by camera when asked. */
  z.strictObject({ kind: z.literal('hours'), ...which, ...where, byCamera: z.boolean().default(false) }),
  /** Who was seen within N seconds of this plate at M cameras or more. */
  z.strictObject({
    kind: z.literal('co_travel'),
    plate: plateText,
    ...where,
    withinSeconds: z.int().min(1).max(600).default(30),
    camerasMin: z.int().min(2).max(50).default(2),
    pageRows: page.pageRows,
  }),
]);

export type Criteria = z.infer<typeof criteriaSchema>;
export type ReadsCriteria = Extract<Criteria, { kind: 'reads' }>;

export interface CriteriaFault {
  readonly code: 'CRITERIA_INVALID' | 'WINDOW_REQUIRED' | 'TOO_MANY_EQUIVALENTS' | 'CURSOR_INVALID';
  readonly message: string;
}

/** @returns the normalised criteria, or what is wrong with them in one line. */
export function parseCriteria(input: unknown, limits: StoreSettings['search']): Result<Criteria, CriteriaFault> {
  const parsed = criteriaSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail({ code: 'CRITERIA_INVALID', message: `${issue?.path.join('.') || 'criteria'}: ${issue?.message}` });
  }
  const criteria = parsed.data;
  const { fromMs, toMs } = criteria;
  if (fromMs !== undefined && toMs !== undefined && fromMs >= toMs) {
    return fail({ code: 'CRITERIA_INVALID', message: 'fromMs: must be before toMs' });
  }
  if (
    criteria.kind !== 'co_travel' &&
    [criteria.plate, criteria.wildcard, criteria.plates].filter((x) => x !== undefined).length > 1
  ) {
    return fail({ code: 'CRITERIA_INVALID', message: 'plate, wildcard, plates: give one of them' });
  }
  if ('pageRows' in criteria && criteria.pageRows > limits.pageRowsMax) {
    return fail({ code: 'CRITERIA_INVALID', message: `pageRows: at most ${limits.pageRowsMax}` });
  }
  if (namesAPlate(criteria, limits.literalsMin)) return ok(criteria);
  const windowMs = fromMs === undefined || toMs === undefined ? Number.POSITIVE_INFINITY : toMs - fromMs;
  if (windowMs <= limits.openWindowHoursMax * 3_600_000) return ok(criteria);
  return fail({
    code: 'WINDOW_REQUIRED',
    message: `without a plate of at least ${limits.literalsMin} known characters, at most ${limits.openWindowHoursMax} hours can be asked for (fromMs, toMs)`,
  });
}

/** Enough literal characters that the search is for a vehicle and not for everybody who passed. */
function namesAPlate(criteria: Criteria, literalsMin: number): boolean {
  if (criteria.kind === 'co_travel') return true;
  const texts = criteria.plates ?? [criteria.plate ?? criteria.wildcard ?? ''];
  return texts.every((text) => text.replace(/[?*]/g, '').length >= literalsMin);
}
