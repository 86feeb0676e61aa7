import { z } from 'zod';
import { command, hourMs } from '../command.js';
import { need } from '../refusal.js';
import { accessInput, digestOfAccess } from '../search.js';
import { nameField, textField, userIdField } from './fields.js';

/** A supervisor agrees to one search of one user, exactly as it was asked, for a day [IV.A.5]. */
const cosign = command({
  action: 'search.cosign',
  title: 'Agree to exactly one search of somebody else',
  makes: 'cosign',
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
  object: 'forUser',
  fold(state, effect, at) {
    state.cosigns.set(`cosign-${at.seq}`, { ...effect, by: at.actorId });
  },
});

const savedPerUserMax = 50;
const keyOf = (userId: string, name: string) => `${userId} ${name}`;

/** What to search, not why: each run of a saved search states its own reason. */
const save = command({
  action: 'search.save',
  title: 'Keep a question to ask it again',
  input: z.strictObject({ name: nameField, criteria: z.json() }),
  *rules({ state, actor }, { name }) {
    const own = [...state.savedSearches.values()].filter((one) => one.userId === actor.id && one.name !== name);
    yield need(own.length < savedPerUserMax, 'RATE_LIMITED', 'IV.A.5', `at most ${savedPerUserMax} saved searches`);
  },
  object: 'name',
  fold(state, { name, criteria }, at) {
    state.savedSearches.set(keyOf(at.actorId, name), { userId: at.actorId, name, criteria, atMs: at.ms });
  },
});

const forget = command({
  action: 'search.forget',
  title: 'Forget a kept question',
  input: z.strictObject({ name: nameField }),
  *rules({ state, actor }, { name }) {
    yield need(state.savedSearches.has(keyOf(actor.id, name)), 'NOT_FOUND', 'IV.A.5', 'there is no such saved search');
  },
  object: 'name',
  fold(state, { name }, at) {
    state.savedSearches.delete(keyOf(at.actorId, name));
  },
});

export const searchCommands = [cosign, save, forget];
