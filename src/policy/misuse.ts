import { dayMs, hourMs } from './command.js';
import type { Policy } from './policy_file.js';
import type { GovernanceState, RecentSearch } from './state.js';

/** A pattern in somebody's searches that a person should look at; it accuses nobody [IV.B.1.a(4)]. */
export interface Suspicion {
  readonly userId: string;
  readonly pattern: 'repeat_target' | 'same_words' | 'night_burst' | 'off_shift';
  readonly text: string;
}

/** Searches from 22 to 6 o'clock UTC within an hour that make a burst. */
const burst = 10;
/** Different plates searched with word-for-word the same facts. */
const sameWordsMax = 3;

function grouped(searches: readonly RecentSearch[], key: (search: RecentSearch) => string | null): RecentSearch[][] {
  const groups = new Map<string, RecentSearch[]>();
  for (const search of searches) {
    const name = key(search);
    if (name !== null) groups.set(name, [...(groups.get(name) ?? []), search]);
  }
  return [...groups.values()];
}

function distinct<Value>(values: readonly Value[]): number {
  return new Set(values).size;
}

function repeatedTargets(own: readonly RecentSearch[], policy: Policy): boolean {
  return grouped(own, (s) => s.plate).some(
    (group) => group.length > policy.numbers.repeatTargetMax && distinct(group.map((s) => s.caseNo)) > 1,
  );
}

function repeatedWords(own: readonly RecentSearch[]): boolean {
  return grouped(own, (s) => s.facts).some(
    (group) => distinct(group.map((s) => s.plate)) > sameWordsMax && distinct(group.map((s) => s.caseNo)) > 1,
  );
}

function nightBurst(own: readonly RecentSearch[]): boolean {
  const night = own.filter(({ atMs }) => {
    const hour = new Date(atMs).getUTCHours();
    return hour >= 22 || hour < 6;
  });
  return night.some(
    (first) => night.filter((s) => s.atMs >= first.atMs && s.atMs < first.atMs + hourMs).length >= burst,
  );
}

/** @returns whether the policy knows this user's shifts, and one of these searches lies outside all of them. */
function offShift(own: readonly RecentSearch[], shifts: Policy['shifts'][string] | undefined): boolean {
  return shifts !== undefined && own.some(({ atMs }) => !shifts.some((shift) => isWithin(shift, atMs)));
}

/** From included, to not; a shift whose end is not after its beginning passes midnight. */
function isWithin({ from, to }: { readonly from: string; readonly to: string }, atMs: number): boolean {
  const time = new Date(atMs).toISOString().slice(11, 16);
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** Looks over the last week's searches; what it finds is flagged with `misuse.flag` and closed by the administrator. */
export function suspicions(state: GovernanceState, policy: Policy, nowMs: number): Suspicion[] {
  const week = state.searches.filter(
    (search) => !search.look && search.atMs > nowMs - policy.numbers.repeatTargetDays * dayMs,
  );
  return grouped(week, (search) => search.userId).flatMap((own) => {
    const userId = own[0]?.userId ?? '';
    const found: Suspicion[] = [];
    if (repeatedTargets(own, policy))
      found.push({ userId, pattern: 'repeat_target', text: 'one plate again and again for different cases' });
    if (repeatedWords(own))
      found.push({ userId, pattern: 'same_words', text: 'the same words for many plates and cases' });
    if (nightBurst(own)) found.push({ userId, pattern: 'night_burst', text: 'many searches in one hour of the night' });
    if (offShift(own, policy.shifts[userId]))
      found.push({ userId, pattern: 'off_shift', text: 'searches outside the shifts the policy file names' });
    return found;
  });
}
