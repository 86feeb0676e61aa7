import { z } from 'zod';
import { type Context, command, dayMs } from '../command.js';
import { roleNames } from '../policy_file.js';
import { need, type Refusal } from '../refusal.js';
import type { User } from '../state.js';
import { momentField, nameField, textField, userIdField } from './fields.js';

const person = z.strictObject({ userId: userIdField, why: textField });

function exists({ state }: Context, userId: string): Refusal | null {
  return need(state.users.has(userId), 'NOT_FOUND', 'II.E', `there is no user ${userId}`);
}

function notSelf({ actor }: Context, userId: string, clause: string): Refusal | null {
  return need(
    actor.id !== userId,
    'SELF_APPROVAL',
    clause,
    'nobody decides this about oneself; ask another administrator',
  );
}

/** A unique login for one person, never given to another within a year [IV.C.4, II.E]. */
const create = command({
  action: 'user.create',
  title: 'Make a login for one person',
  input: z.strictObject({
    userId: userIdField,
    name: nameField,
    kind: z.enum(['employee', 'vendor']).default('employee'),
    vendorId: z.string().max(96).nullable().default(null),
  }),
  *rules({ state, policy, nowMs }, input) {
    const removedMs = state.removedIds.get(input.userId);
    const reused = removedMs !== undefined && nowMs - removedMs < policy.numbers.idReuseDays * dayMs;
    const taken = state.users.has(input.userId) || reused;
    yield need(!taken, 'DUPLICATE_ID', 'IV.C.4', `${input.userId} is or was somebody's login; choose another`);
    const known = input.kind === 'employee' || state.vendors.has(input.vendorId ?? '');
    yield need(known, 'VENDOR_NOT_COMPLIANT', 'IV.C.3.a', 'record the vendor and its security papers first');
  },
  object: 'userId',
  fold(state, effect, at) {
    state.users.set(effect.userId, { ...effect, createdAtMs: at.ms, frozen: false, activeAtMs: at.ms });
  },
});

const remove = command({
  action: 'user.remove',
  title: 'Remove a login for good',
  input: person,
  *rules(context, { userId }) {
    yield exists(context, userId);
    yield notSelf(context, userId, 'II.E');
    const principal = context.state.principalUserId === userId;
    yield need(!principal, 'WRONG_STATE', 'III.D', 'the department head names another administrator first');
  },
  object: 'userId',
  fold(state, { userId }, at) {
    state.users.delete(userId);
    state.profiles.delete(userId);
    state.removedIds.set(userId, at.ms);
    for (const one of state.designations.values()) if (one.userId === userId) one.revokedAtMs ??= at.ms;
  },
});

function change(action: string, title: string, apply: (user: User, ms: number) => void, selfClause: string | null) {
  return command({
    action,
    title,
    input: person,
    *rules(context, { userId }) {
      yield exists(context, userId);
      if (selfClause !== null) yield notSelf(context, userId, selfClause);
    },
    object: 'userId',
    fold(state, { userId }, at) {
      const user = state.users.get(userId);
      if (user) apply(user, at.ms);
    },
  });
}

const freeze = change(
  'user.freeze',
  'Freeze a user: every use ends at once',
  (user) => {
    user.frozen = true;
  },
  null,
);
const unfreeze = change(
  'user.unfreeze',
  'Let a frozen user in again',
  (user) => {
    user.frozen = false;
  },
  'II.pre',
);
const reenable = change(
  'user.reenable',
  'Switch a login on again that was not used for long',
  (user, ms) => {
    user.activeAtMs = ms;
  },
  'II.E',
);
/** Lost factors: an administrator lets the user enrol again, with a reason on record. */
const recover = change('user.recover', 'Let a user who lost a factor enrol anew', () => undefined, 'IV.C.2.a');

/** Exactly one administrator in person; the department head replaces one by another [III.D]. */
const setPrincipal = command({
  action: 'principal.set',
  title: 'Make another person the administrator',
  input: z.strictObject({ userId: userIdField, replaces: userIdField.nullable().default(null) }),
  *rules(context, { userId, replaces }) {
    yield exists(context, userId);
    yield notSelf(context, userId, 'III.D');
    const current = context.state.principalUserId;
    yield need(
      current === null || current === replaces,
      'DUPLICATE_ID',
      'III.D',
      'there is an administrator; say whom the new one replaces',
    );
  },
  object: 'userId',
  fold(state, { userId }) {
    state.principalUserId = userId;
  },
});

/** Every right to use the system is a dated designation by somebody else [IV.A.2, IV.B.1.a(10), IV.B.2.a]. */
const designate = command({
  action: 'designation.grant',
  title: 'Designate a user for a role',
  makes: 'designation',
  input: z.strictObject({
    userId: userIdField,
    role: z.enum(roleNames).exclude(['system']),
    fromMs: momentField.nullable().default(null),
    toMs: momentField.nullable().default(null),
    scope: textField,
  }),
  *rules(context, { userId, role, fromMs, toMs }) {
    const { state, actor, nowMs } = context;
    yield exists(context, userId);
    yield notSelf(context, userId, 'IV.B.1.a(10)');
    const byPrincipal = role !== 'administrator' || actor.isPrincipal;
    yield need(byPrincipal, 'ROLE_REQUIRED', 'III.D', 'only the administrator in person names a designee');
    const needsEnd = role === 'administrator' || role === 'vendor';
    const start = Math.max(nowMs, fromMs ?? 0);
    yield need(!needsEnd || toMs !== null, 'EXPIRY_REQUIRED', 'III.D', 'this designation needs an end');
    yield need(toMs === null || toMs > start, 'EXPIRY_REQUIRED', 'III.D', 'the end lies before the start');
    const held = [...state.designations.values()].filter((one) => one.userId === userId && isLive(one, nowMs));
    const alone =
      role === 'auditor' ? held.every((one) => one.role === 'auditor') : held.every((one) => one.role !== 'auditor');
    const independent = alone && !(role === 'auditor' && state.principalUserId === userId);
    yield need(independent, 'SELF_APPROVAL', 'IV.C.6.b', 'an auditor holds no other role; revoke one of the two first');
    const isVendor = state.users.get(userId)?.kind === 'vendor';
    yield need(
      isVendor === (role === 'vendor'),
      'VENDOR_NOT_COMPLIANT',
      'IV.C.3.a',
      'a vendor account is a vendor and nothing else',
    );
  },
  effect: ({ nowMs }, input) => ({ ...input, fromMs: input.fromMs ?? nowMs }),
  object: 'userId',
  fold(state, { userId, role, fromMs, toMs }, at) {
    const designationId = `designation-${at.seq}`;
    state.designations.set(designationId, { designationId, userId, role, fromMs, toMs, revokedAtMs: null });
  },
});

function isLive(one: { fromMs: number; toMs: number | null; revokedAtMs: number | null }, nowMs: number): boolean {
  return one.revokedAtMs === null && (one.toMs === null || nowMs < one.toMs);
}

const revoke = command({
  action: 'designation.revoke',
  title: 'Revoke a designation',
  input: z.strictObject({ designationId: z.string().max(96), why: textField }),
  *rules({ state }, { designationId }) {
    yield need(state.designations.has(designationId), 'NOT_FOUND', 'IV.A.2', 'there is no such designation');
  },
  object: 'designationId',
  fold(state, { designationId }, at) {
    const one = state.designations.get(designationId);
    if (one) one.revokedAtMs ??= at.ms;
  },
});

export const userCommands = [create, remove, freeze, unfreeze, reenable, recover, setPrincipal, designate, revoke];
