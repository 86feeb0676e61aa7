import { z } from 'zod';
import { checkCategory } from '../categories.js';
import { command, dayMs } from '../command.js';
import { auditOverdueDays } from '../duties.js';
import { checkReason } from '../reason.js';
import { need } from '../refusal.js';
import { caseField, momentField, textField, userIdField } from './fields.js';

const category = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/);

/** Which alerts a user receives: some of the authorised categories, set at the first login [IV.A.3]. */
const setProfile = command({
  action: 'profile.set',
  title: 'Choose which categories one is alerted about',
  input: z.strictObject({ categories: z.array(category).max(64) }),
  *rules({ state, policy, actor, nowMs }, { categories }) {
    for (const one of categories) yield checkCategory(state, policy, one, actor.id, nowMs);
  },
  effect: ({ actor }, { categories }) => ({ userId: actor.id, categories: [...new Set(categories)].sort() }),
  fold(state, { userId, categories }) {
    state.profiles.set(userId, categories);
  },
});

/** One user, one category, one purpose, an end; by the administrator in person, for somebody else [IV.A.4]. */
const grant = command({
  action: 'exception.grant',
  title: 'Let one user see one prohibited category for one case, for some days',
  makes: 'exception',
  input: z.strictObject({
    userId: userIdField,
    category,
    caseNo: caseField,
    facts: textField,
    fromMs: momentField.nullable().default(null),
    toMs: momentField.nullable().default(null),
  }),
  *rules({ state, policy, actor, nowMs }, input) {
    yield need(actor.isPrincipal, 'ROLE_REQUIRED', 'IV.A.4', 'only the administrator in person grants exceptions');
    yield need(actor.id !== input.userId, 'SELF_APPROVAL', 'IV.A.4', 'nobody grants an exception to oneself');
    yield need(state.users.has(input.userId), 'NOT_FOUND', 'IV.A.4', `there is no user ${input.userId}`);
    const prohibited = Object.hasOwn(policy.categories.prohibited, input.category);
    yield need(prohibited, 'CATEGORY_UNKNOWN', 'IV.A.4', 'an exception is for a category that the policy prohibits');
    yield checkReason(
      policy,
      { basis: 'criminal_investigation', facts: input.facts, caseNo: input.caseNo, orderNo: null },
      'IV.A.4',
    );
    const fromMs = input.fromMs ?? nowMs;
    const longest = policy.numbers.exceptionDaysMax * dayMs;
    const ended = input.toMs !== null && input.toMs > fromMs && input.toMs - fromMs <= longest;
    yield need(ended, 'EXPIRY_REQUIRED', 'IV.A.4', `an exception ends within ${policy.numbers.exceptionDaysMax} days`);
    const overdue = auditOverdueDays(state, policy, nowMs) > policy.numbers.auditBlockExportsDays;
    yield need(!overdue, 'AUDIT_OVERDUE', 'IV.B.1.a(5)', 'close the overdue audit first');
  },
  effect: ({ nowMs }, input) => ({ ...input, fromMs: input.fromMs ?? nowMs, toMs: input.toMs ?? nowMs }),
  object: 'userId',
  fold(state, { userId, category, caseNo, fromMs, toMs }, at) {
    const exceptionId = `exception-${at.seq}`;
    state.exceptions.set(exceptionId, { exceptionId, userId, category, caseNo, fromMs, toMs });
  },
});

const end = command({
  action: 'exception.end',
  title: 'End an exception early',
  input: z.strictObject({ exceptionId: z.string().max(96), why: textField }),
  *rules({ state }, { exceptionId }) {
    yield need(state.exceptions.has(exceptionId), 'NOT_FOUND', 'IV.A.4', 'there is no such exception');
  },
  object: 'exceptionId',
  fold(state, { exceptionId }, at) {
    const one = state.exceptions.get(exceptionId);
    if (one) one.toMs = Math.min(one.toMs, at.ms);
  },
});

/** What a source calls a category, in the policy's words; only authorised words can be mapped to [III.M]. */
const map = command({
  action: 'category.map',
  title: 'Say what a source’s code means in the policy’s words',
  input: z.strictObject({ source: category, code: z.string().trim().min(1).max(64), category, why: textField }),
  *rules({ state, policy, nowMs }, input) {
    yield checkCategory(state, policy, input.category, null, nowMs);
    const byHand = policy.categories.byHand.includes(input.category);
    const sentence = `a supervisor enters each vehicle of ${input.category} and has it checked; no list brings them`;
    yield need(!byHand, 'CJIS_VERIFICATION_REQUIRED', 'IV.A.7.d', sentence);
  },
  fold(state, { source, code, category }) {
    state.categoryMap.set(`${source}:${code}`, category);
  },
});

export const alertRuleCommands = [setProfile, grant, end, map];
