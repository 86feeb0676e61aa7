import { z } from 'zod';
import { command, dayMs, hourMs } from '../command.js';
import { need } from '../refusal.js';
import { idField, nameField, sha256Field, textField, userIdField } from './fields.js';
import { onlyEither, onlyOther, sideOf } from './two_sides.js';

const flagMisuse = command({
  action: 'misuse.flag',
  title: 'Flag a use that somebody has to look at',
  makes: 'misuse',
  input: z.strictObject({ userId: userIdField, pattern: z.string().max(64), text: textField }),
  *rules({ state }, { userId }) {
    yield need(state.users.has(userId), 'NOT_FOUND', 'IV.B.1.a(4)', 'there is no such user');
  },
  object: 'userId',
  fold(state, { userId, pattern }, at) {
    state.misuse.set(`misuse-${at.seq}`, { userId, pattern, closed: false });
  },
});

const closeMisuse = command({
  action: 'misuse.close',
  title: 'Close a flag with what was found',
  input: z.strictObject({ misuseId: z.string().max(96), finding: textField }),
  *rules({ state, actor }, { misuseId }) {
    const flag = state.misuse.get(misuseId);
    yield need(flag && !flag.closed, 'NOT_FOUND', 'IV.B.1.a(4)', 'there is no such open flag');
    yield need(flag?.userId !== actor.id, 'SELF_APPROVAL', 'IV.B.1.a(4)', 'nobody closes a flag about oneself');
  },
  object: 'misuseId',
  fold(state, { misuseId }) {
    const flag = state.misuse.get(misuseId);
    if (flag) flag.closed = true;
  },
});

/** One person stops everything; two lift it again: the administrator proposes, the department head agrees [II.C]. */
const suspend = command({
  action: 'system.suspend',
  title: 'Suspend the whole system',
  input: z.strictObject({ orderNo: idField, why: textField }),
  *rules({ state }) {
    yield need(state.suspension === null, 'WRONG_STATE', 'II.C', 'the system is suspended already');
  },
  fold(state, { orderNo }, at) {
    state.suspension = { orderNo, sinceMs: at.ms, resumeBy: null };
  },
});

const proposeResume = command({
  action: 'system.propose_resume',
  title: 'Propose to resume a suspended system',
  input: z.strictObject({ orderNo: idField, why: textField }),
  *rules({ state }) {
    yield need(state.suspension, 'WRONG_STATE', 'II.C', 'the system is not suspended');
  },
  fold(state, _effect, at) {
    if (state.suspension) state.suspension = { ...state.suspension, resumeBy: at.actorId };
  },
});

const resume = command({
  action: 'system.resume',
  title: 'Resume a suspended system, as the second person',
  input: z.strictObject({ orderNo: idField }),
  *rules({ state, actor }) {
    yield need(state.suspension?.resumeBy, 'WRONG_STATE', 'II.C', 'the administrator proposes it first');
    yield need(state.suspension?.resumeBy !== actor.id, 'SELF_APPROVAL', 'II.C', 'a second person lifts a suspension');
  },
  fold(state) {
    state.suspension = null;
  },
});

/** A protocol is a document by digest that names the standards it follows [IV.B.1.a(1), IV.B.fn1]. */
const approveProtocol = command({
  action: 'protocol.approve',
  title: 'Approve one of the protocols',
  input: z.strictObject({
    kind: z.string().max(64),
    documentSha256: sha256Field,
    refs: z.array(nameField).max(20).default([]),
  }),
  *rules({ policy }, { kind, refs }) {
    yield need(
      policy.protocols.includes(kind),
      'INPUT_INVALID',
      'IV.B.1.a(1)',
      `one of ${policy.protocols.join(', ')}`,
    );
    yield need(refs.length > 0, 'INPUT_INVALID', 'IV.B.fn1', 'name the accreditation standard it follows');
  },
  object: 'kind',
  fold(state, { kind, documentSha256, refs }, at) {
    state.protocols.set(kind, { sha256: documentSha256, refs, atMs: at.ms });
  },
});

const recommend = command({
  action: 'policy.recommend',
  title: 'Recommend a change of the policy',
  makes: 'recommendation',
  input: z.strictObject({ text: textField }),
  *rules() {},
  fold(state, { text }, at) {
    state.recommendations.set(`recommendation-${at.seq}`, { text, disposition: null });
  },
});

const disposeRecommendation = command({
  action: 'policy.dispose',
  title: 'Decide on a recommendation',
  input: z.strictObject({ recommendationId: z.string().max(96), disposition: textField }),
  *rules({ state }, { recommendationId }) {
    yield need(
      state.recommendations.has(recommendationId),
      'NOT_FOUND',
      'IV.B.1.a(6)',
      'there is no such recommendation',
    );
  },
  fold(state, { recommendationId, disposition }) {
    const one = state.recommendations.get(recommendationId);
    if (one) one.disposition = disposition;
  },
});

const review = command({
  action: 'policy.review',
  title: 'Record the annual review',
  input: z.strictObject({ conclusion: textField }),
  *rules() {},
  fold(state, _effect, at) {
    state.lastReviewMs = at.ms;
  },
});

/** A legal item that changes practice raises a training requirement by itself [IV.B.1.a(7), IV.E.2]. */
const recordLegal = command({
  action: 'legal.record',
  title: 'Record a change of law',
  makes: 'legal',
  input: z.strictObject({ title: nameField, impact: z.boolean() }),
  *rules() {},
  effect: ({ nowMs, policy }, input) => ({ ...input, dueMs: nowMs + policy.numbers.requirementGraceDays * dayMs }),
  fold(state, { title, impact, dueMs }, at) {
    state.legalItems.set(`legal-${at.seq}`, { title, impact });
    if (impact) state.trainingRequirements.push({ raisedAtMs: at.ms, dueMs, why: title });
  },
});

/** Maintenance that can destroy data: administrator and records unit, two people, within a day [IV.B.1.a(8)]. */
const requestChange = command({
  action: 'change.request',
  title: 'Ask for maintenance of data',
  makes: 'change',
  input: z.strictObject({ what: textField }),
  *rules({ actor }) {
    yield onlyEither(actor, 'IV.B.1.a(8)');
  },
  effect: ({ actor }, { what }) => ({ what, byRole: sideOf(actor) ?? '' }),
  fold(state, { what, byRole }, at) {
    state.changes.set(`change-${at.seq}`, { what, by: at.actorId, byRole, atMs: at.ms, approvedBy: null });
  },
});

const approveChange = command({
  action: 'change.approve',
  title: 'Agree to maintenance of data, as the other side',
  input: z.strictObject({ changeId: z.string().max(96) }),
  *rules({ state, actor, nowMs, policy }, { changeId }) {
    const change = state.changes.get(changeId);
    yield need(change && change.approvedBy === null, 'NOT_FOUND', 'IV.B.1.a(8)', 'there is no such open request');
    yield onlyOther(actor, change, 'IV.B.1.a(8)');
    const fresh = change !== undefined && nowMs - change.atMs <= policy.numbers.changeHoursMax * hourMs;
    yield need(fresh, 'EXPIRY_REQUIRED', 'IV.B.1.a(8)', 'the request is too old; ask again');
  },
  object: 'changeId',
  fold(state, { changeId }, at) {
    const change = state.changes.get(changeId);
    if (change) change.approvedBy = at.actorId;
  },
});

const openTicket = command({
  action: 'ticket.open',
  title: 'Ask the technician',
  makes: 'ticket',
  input: z.strictObject({ text: textField }),
  *rules() {},
  fold(state, { text }, at) {
    state.tickets.set(`ticket-${at.seq}`, { by: at.actorId, text, closed: false });
  },
});

const closeTicket = command({
  action: 'ticket.close',
  title: 'Answer a question',
  input: z.strictObject({ ticketId: z.string().max(96), answer: textField }),
  *rules({ state }, { ticketId }) {
    yield need(state.tickets.has(ticketId), 'NOT_FOUND', 'IV.B.2.a(4)', 'there is no such ticket');
  },
  fold(state, { ticketId }) {
    const ticket = state.tickets.get(ticketId);
    if (ticket) ticket.closed = true;
  },
});

/** A person has looked at the clock after it jumped; deleting may go on [IV.F.1]. */
const confirmClock = command({
  action: 'clock.confirm',
  title: 'Say that the clock is right after it jumped',
  input: z.strictObject({ why: textField }),
  *rules() {},
  fold(state, _effect, at) {
    state.latestMs = at.ms;
  },
});

export const oversightCommands = [
  flagMisuse,
  closeMisuse,
  suspend,
  proposeResume,
  resume,
  approveProtocol,
  recommend,
  disposeRecommendation,
  review,
  recordLegal,
  requestChange,
  approveChange,
  openTicket,
  closeTicket,
  confirmClock,
];
