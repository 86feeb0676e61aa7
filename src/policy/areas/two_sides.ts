import type { Actor } from '../command.js';
import { need, type Refusal } from '../refusal.js';

/** What the administrator and the records unit do together only: one asks, the other agrees [IV.B.1.a(8), IV.F.3]. */
interface Asked {
  readonly by: string;
  readonly byRole: string;
}

/** For which of the two somebody asks; nobody else counts as either, whatever the policy file lets them ask. */
export function sideOf({ roles }: Actor): string | null {
  return ['records', 'administrator'].find((side) => roles.some((role) => role === side)) ?? null;
}

export function onlyEither(actor: Actor, clause: string): Refusal | null {
  return need(sideOf(actor) !== null, 'ROLE_REQUIRED', clause, 'only administrator or records unit may ask for this');
}

/** The other of the two agrees, in another person. */
export function onlyOther(actor: Actor, asked: Asked | undefined, clause: string): Refusal | null {
  const other = asked?.byRole === 'records' ? 'administrator' : 'records';
  const second = asked?.by !== actor.id && actor.roles.includes(other);
  return need(second, 'SELF_APPROVAL', clause, 'administrator and records unit agree, two people');
}
