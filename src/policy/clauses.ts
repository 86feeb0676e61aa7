import type { Level, Policy } from './policy_file.js';
import { levelOf } from './policy_file.js';

/** A clause, what enforces it and which tests prove it; without a test it is open. */
export interface ClauseProof {
  readonly clause: string;
  readonly demand: string;
  readonly level: Level;
  readonly enforcedBy: readonly string[];
  readonly tests: readonly string[];
  readonly open: boolean;
}

/** The clauses a test's title names: `... [III.G, IV.C.6.a] [IV.D.2]`. */
function clausesNamed(title: string): string[] {
  return [...title.matchAll(/\[([^\]]+)\]/g)]
    .flatMap((found) => (found[1] as string).split(/[,;]\s*/))
    .map((id) => id.trim());
}

/** @param titles of tests that passed. */
export function proofOf(policy: Policy, titles: readonly string[]): ClauseProof[] {
  const byClause = new Map<string, string[]>();
  for (const title of titles) {
    for (const id of clausesNamed(title)) byClause.set(id, [...(byClause.get(id) ?? []), title]);
  }
  return policy.clauses.map(({ id, demand, enforcedBy }) => {
    const tests = byClause.get(id) ?? [];
    return { clause: id, demand, level: levelOf(policy, id), enforcedBy, tests, open: tests.length === 0 };
  });
}
