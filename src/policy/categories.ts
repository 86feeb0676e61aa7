import type { Policy } from './policy_file.js';
import { type Refusal, refusal } from './refusal.js';
import type { Exception, GovernanceState } from './state.js';

export function liveExceptions(state: GovernanceState, nowMs: number): Exception[] {
  return [...state.exceptions.values()].filter((one) => one.fromMs <= nowMs && nowMs < one.toMs);
}

/** @returns why a category may not be used, or `null`; `userId` may have an exception for it [IV.A.3, IV.A.4]. */
export function checkCategory(
  state: GovernanceState,
  policy: Policy,
  category: string,
  userId: string | null,
  nowMs: number,
): Refusal | null {
  if (Object.hasOwn(policy.categories.authorised, category)) return null;
  const clause = Object.hasOwn(policy.categories.prohibited, category)
    ? policy.categories.prohibited[category]
    : undefined;
  if (clause === undefined) {
    return refusal(
      'CATEGORY_UNKNOWN',
      'IV.A.3',
      `the policy knows no category ${category}; an administrator can map it`,
    );
  }
  if (liveExceptions(state, nowMs).some((one) => one.userId === userId && one.category === category)) return null;
  return refusal('CATEGORY_PROHIBITED', clause, `the policy forbids alerts of the category ${category}`);
}

/** The categories to load at this moment: the authorised ones, and prohibited ones that a live exception covers. */
export function loadableCategories(state: GovernanceState, policy: Policy, nowMs: number): Set<string> {
  const excepted = liveExceptions(state, nowMs).map((one) => one.category);
  return new Set([...Object.keys(policy.categories.authorised), ...excepted]);
}

/** Whether an alert of this category goes to this user: in the profile, and allowed at this very moment. */
export function isDeliverable(
  state: GovernanceState,
  policy: Policy,
  userId: string,
  category: string,
  nowMs: number,
): boolean {
  const chosen = state.profiles.get(userId)?.includes(category) ?? false;
  return chosen && checkCategory(state, policy, category, userId, nowMs) === null;
}
