import type { Actor } from './command.js';
import { commands } from './commands.js';
import { fold } from './fold.js';
import type { JournalRecord } from './journal.js';
import { levelOf, type Policy, type Role } from './policy_file.js';
import type { Refusal } from './refusal.js';
import { accessInput, accessRules } from './search.js';
import { emptyState, type GovernanceState } from './state.js';

/** A past decision that two policies would have made differently. */
export interface Difference {
  readonly sequence: number;
  readonly action: string;
  readonly actor: string;
  /** `allow`, or the code and clause of the refusal. */
  readonly underA: string;
  readonly underB: string;
}

const alwaysRefused: readonly string[] = ['NOT_FOUND', 'SELF_APPROVAL', 'INPUT_INVALID', 'WRONG_STATE'];

function firstRefusal(policy: Policy, rules: Iterable<Refusal | null>): string {
  for (const found of rules) {
    if (found === null) continue;
    if (levelOf(policy, found.clause) === 'refuse' || alwaysRefused.includes(found.code))
      return `${found.code} ${found.clause}`;
  }
  return 'allow';
}

/** What a policy says to a recorded request, on the state before it; `null` for records that are no decision. */
function decide(policy: Policy, state: GovernanceState, record: JournalRecord): string | null {
  const isIntent = record.action === 'access.intent';
  const asked = isIntent ? (record.request as { asked?: string; with?: unknown } | undefined) : undefined;
  const action = asked?.asked ?? record.action;
  const rule = policy.commands[action] ?? policy.accesses[action];
  const request = asked?.with ?? record.request;
  if (rule === undefined || request === undefined) return null;
  if (!rule.roles.some((role) => record.roles.includes(role))) return `ROLE_REQUIRED ${rule.clause}`;
  const nowMs = Date.parse(record.ts_utc);
  if (action in policy.accesses) {
    const access = accessInput.safeParse({ ...(request as object), reason: record.reason });
    if (!access.success) return null;
    return firstRefusal(
      policy,
      accessRules({ state, policy, nowMs, userId: record.actor_id, action, access: access.data }),
    );
  }
  const command = commands.get(action);
  const input = command?.input.safeParse(request);
  if (command === undefined || !input?.success) return null;
  const roles = record.roles as readonly Role[];
  const actor: Actor = { id: record.actor_id, name: '', roles, isPrincipal: state.principalUserId === record.actor_id };
  const context = { state, policy, nowMs, actor, clockDoubtful: false, seed: '', sequence: record.seq };
  return firstRefusal(policy, command.rules(context, input.data));
}

/** Goes through a ledger once, asking both policies about every decision in it. */
export function replayUnder(
  a: Policy,
  b: Policy,
  records: Iterable<JournalRecord>,
): { decisions: number; differences: Difference[] } {
  const state = emptyState();
  const differences: Difference[] = [];
  let decisions = 0;
  for (const record of records) {
    const [underA, underB] = [decide(a, state, record), decide(b, state, record)];
    if (underA !== null && underB !== null) decisions += 1;
    if (underA !== underB) {
      const { seq: sequence, action, actor_id: actor } = record;
      differences.push({ sequence, action, actor, underA: underA ?? 'no rule', underB: underB ?? 'no rule' });
    }
    fold(state, record);
  }
  return { decisions, differences };
}
