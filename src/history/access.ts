import type { Access } from '../policy/search.js';
import { type Criteria, criteriaSchema } from '../store/criteria.js';

/**
 * A search as the policy judges it and the ledger records it, and back again: what runs is made from what was recorded, so the two
 * cannot differ.
 */
export interface Bounds {
  /** Every camera the system knows: what a search without cameras is about. */
  readonly cameras: readonly string[];
  readonly oldestMs: number;
  readonly nowMs: number;
}

/** The youngest moment a search may begin at without being refused before it is recorded. */
const marginMs = 1_000;

type AccessInput = Omit<Access, 'reason' | 'objectId' | 'onBehalfOf'>;

export function accessOf(criteria: Criteria, { cameras, oldestMs, nowMs }: Bounds): AccessInput {
  const { fromMs, toMs, state, cameras: asked, ...rest } = criteria;
  const { plate, plates, wildcard, pageRows, ...others } = {
    plates: undefined,
    wildcard: undefined,
    pageRows: undefined,
    ...rest,
  };
  const listed = plates ?? [];
  return {
    plate: plate ?? wildcard ?? null,
    plates: listed,
    state: state !== undefined && /^[A-Z]{2}$/.test(state) ? state : null,
    cameras: [...(asked ?? cameras)],
    fromMs: fromMs ?? oldestMs + marginMs,
    toMs: toMs ?? nowMs + 1,
    rows: pageRows ?? hoursOf(fromMs ?? oldestMs, toMs ?? nowMs),
    criteria: asJson({ ...others, ...(state !== undefined && { state }), everyCamera: asked === undefined }),
  };
}

/** As it is written into the ledger: without members that are undefined. */
function asJson(value: object): Access['criteria'] {
  return JSON.parse(JSON.stringify(value)) as Access['criteria'];
}

/** A search by hours has no page: its rows are its hours. */
function hoursOf(fromMs: number, toMs: number): number {
  return Math.max(1, Math.min(1_000, Math.ceil((toMs - fromMs) / 3_600_000)));
}

/** @returns the criteria to run. */
export function criteriaOf({ plate, plates, cameras, fromMs, toMs, rows, criteria }: AccessInput): Criteria {
  const { everyCamera, ...others } = criteria as { everyCamera: boolean; kind: Criteria['kind'] };
  return criteriaSchema.parse({
    ...others,
    fromMs,
    toMs,
    ...(plates.length > 0 && { plates }),
    ...(plate !== null && (/[?*]/.test(plate) ? { wildcard: plate } : { plate })),
    ...(!everyCamera && { cameras }),
    ...(others.kind !== 'hours' && { pageRows: rows }),
  });
}
