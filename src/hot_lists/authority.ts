import type { HotListEntry } from '../data/match.js';
import type { CategoryPolicy } from '../match/category_table.js';
import type { Governance } from '../policy/governance.js';
import type { Policy } from '../policy/policy_file.js';
import type { Entry } from '../policy/state.js';

/** Who says what may be on the list: governance, or the policy file alone where there is none. */
export interface ListAuthority {
  categories(): CategoryPolicy;
  /** Manual entries that match at this moment [IV.A.7]. */
  manualEntries(): readonly HotListEntry[];
  /** Entries whose source says they are no longer active, and since when [IV.A.8.a(2)]. */
  inactive(): Readonly<Record<string, number>>;
  /** Puts on record what happened to the list. */
  note(action: string, effect: Readonly<Record<string, string | number | null>>): Promise<void>;
}

export function policyAlone({ categories }: Policy): ListAuthority {
  const [authorised, prohibited] = [Object.keys(categories.authorised), Object.keys(categories.prohibited)];
  return {
    categories: () => ({ authorised, prohibited, byHand: categories.byHand, excepted: [], mapped: {} }),
    manualEntries: () => [],
    inactive: () => ({}),
    note: async () => undefined,
  };
}

export function governedBy(governance: Governance): ListAuthority {
  const alone = policyAlone(governance.policy);
  return {
    categories() {
      const file = alone.categories();
      const loadable = governance.loadableCategories();
      const mapped = Object.fromEntries(governance.state().categoryMap);
      return { ...file, excepted: file.prohibited.filter((one) => loadable.has(one)), mapped };
    },
    manualEntries: () => governance.activeEntries().flatMap((entry) => manualEntry(entry) ?? []),
    inactive: () => Object.fromEntries(inactiveEntries(governance)),
    async note(action, effect) {
      const about = { actor_id: 'SYS:hot-list', actor_name: 'hot-list', roles: ['system'] };
      await governance.note({ action, ...about, decision: 'allow', effect });
    },
  };
}

function* inactiveEntries(governance: Governance): Iterable<[string, number]> {
  for (const { entryId, status } of governance.state().hits.values())
    if (status !== null && !status.active) yield [entryId, status.atMs];
}

/** A description without a plate is for people; the matcher has nothing to compare [IV.A.7.e]. */
function manualEntry(entry: Entry): HotListEntry | null {
  const { entryId, plate, state, category, originAgency, expiresAtMs, vehicle, caseNo } = entry;
  if (plate === null) return null;
  const known = Object.entries(vehicle ?? {}).filter(([name, value]) => value !== null && name !== 'type');
  return {
    entryId,
    plate,
    state,
    category,
    source: 'manual',
    vehicle: known.length > 0 ? Object.fromEntries(known) : null,
    originatingAgency: originAgency,
    expiresAtMs,
    reason: `case ${caseNo}`,
  };
}
