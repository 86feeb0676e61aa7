import { z } from 'zod';
import { command, hourMs } from '../command.js';
import { need } from '../refusal.js';
import { accessInput, digestOfAccess } from '../search.js';
import { textField, userIdField } from './fields.js';

/** A supervisor agrees to one search of one user, exactly as it was asked, for a day [IV.A.5]. */
const cosign = command({
  action: 'search.cosign',
  input: z.strictObject({ forUser: userIdField, access: accessInput, why: textField }),
  *rules({ state, actor }, { forUser }) {
    yield need(actor.id !== forUser, 'SELF_APPROVAL', 'IV.A.5', 'another supervisor agrees to your search');
    yield need(state.users.has(forUser), 'NOT_FOUND', 'IV.A.5', 'there is no such user');
  },
  effect: ({ nowMs, policy }, { forUser, access }) => ({
    forUser,
    requestSha256: digestOfAccess(access),
    untilMs: nowMs + policy.numbers.cosignHours * hourMs,
  }),
  object: (input) => input.forUser,
  fold(state, effect, at) {
    state.cosigns.set(`cosign-${at.seq}`, { ...effect, by: at.actorId });
  },
});

export const searchCommands = [cosign];
