import { z } from 'zod';
import { isDeliverable } from '../categories.js';
import { type Context, command } from '../command.js';
import { rolesOf } from '../gates.js';
import { need } from '../refusal.js';
import type { Hit } from '../state.js';
import { trainingStanding } from '../training.js';
import { textField, userIdField } from './fields.js';
import { hitIdField, openFor } from './hits.js';

/** Whether somebody could go on with this hit: designated, trained, not frozen, and told of its category [IV.A.2, IV.A.3]. */
export function canGoOn(
  { state, policy, nowMs }: Pick<Context, 'state' | 'policy' | 'nowMs'>,
  userId: string,
  hit: Hit,
): boolean {
  const roles = rolesOf(state, userId, nowMs);
  return (
    state.users.get(userId)?.frozen === false &&
    (roles.includes('operator') || roles.includes('supervisor')) &&
    trainingStanding(state, policy, userId, nowMs) === 'current' &&
    isDeliverable(state, policy, userId, hit.category, nowMs)
  );
}

/**
 * An open hit is passed to a colleague, or to whoever works the next shift, with what they should know. It changes who is asked, not what
 * is asked: a deferred check stays due when it was, and nothing verified is verified anew [IV.A.8.a(2)].
 */
export const handOver = command({
  action: 'hit.hand_over',
  title: 'Pass an open hit on to a colleague or to the next shift',
  input: z.strictObject({ hitId: hitIdField, to: userIdField.nullable().default(null), note: textField }),
  *rules(context, { hitId, to }) {
    yield* openFor(context, hitId);
    if (to === null) return;
    yield need(to !== context.actor.id, 'WRONG_STATE', 'IV.A.8.a(2)', 'you have this hit already');
    const hit = context.state.hits.get(hitId);
    const sentence = `${to} can not go on with this hit: name a trained operator or supervisor who is told of its category`;
    yield need(hit && canGoOn(context, to, hit), 'NOT_DESIGNATED', 'IV.A.2', sentence);
  },
  object: 'hitId',
  fold(state, { hitId, to, note }, at) {
    state.hits.get(hitId)?.handovers.push({ by: at.actorId, to, note, atMs: at.ms });
  },
});
