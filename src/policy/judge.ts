import { levelOf, type Policy } from './policy_file.js';
import type { Refusal } from './refusal.js';

/** A type, not an interface, so that it is also JSON. */
export type Warning = { readonly code: string; readonly clause: string };

/** What makes no sense is refused whatever the level of its clause. */
const alwaysRefused: readonly string[] = ['NOT_FOUND', 'SELF_APPROVAL', 'INPUT_INVALID', 'WRONG_STATE'];

/** The first refusal of a clause that refuses; those that only warn are collected on the way. */
export function judge(
  policy: Policy,
  rules: Iterable<Refusal | null>,
): { refused: Refusal | null; warnings: Warning[] } {
  const warnings: Warning[] = [];
  for (const found of rules) {
    if (found === null) continue;
    if (levelOf(policy, found.clause) === 'refuse' || alwaysRefused.includes(found.code))
      return { refused: found, warnings };
    warnings.push({ code: found.code, clause: found.clause });
  }
  return { refused: null, warnings };
}
