import { z } from 'zod';
import { command, dayMs } from '../command.js';
import { need } from '../refusal.js';
import { trainingModules } from '../training.js';
import { momentField, nameField, sha256Field, textField, userIdField } from './fields.js';

const kind = z.enum(['alpr', 'cjis_security']);

/** A course is its materials, by digest [IV.E.3]. */
const approveCourse = command({
  action: 'training.approve_course',
  title: 'Approve a course by the digest of its materials',
  input: z.strictObject({
    kind,
    title: nameField,
    materialsSha256: sha256Field,
    modules: z.array(z.enum(trainingModules)).max(trainingModules.length),
  }),
  *rules() {},
  object: 'materialsSha256',
  fold(state, { materialsSha256, kind, modules }) {
    state.courses.set(materialsSha256, { courseHash: materialsSha256, kind, modules });
  },
});

/** Materials, attendance log and later the certificates: no session without all of them [IV.E.3, IV.B.2.a(1)]. */
const recordSession = command({
  action: 'training.record_session',
  title: 'Record a training session and who attended',
  makes: 'session',
  input: z.strictObject({
    courseHash: sha256Field,
    attendees: z.array(userIdField).min(1).max(500),
    attendanceSha256: sha256Field,
    heldAtMs: momentField,
  }),
  *rules({ state, nowMs }, { courseHash, attendees, heldAtMs }) {
    yield need(state.courses.has(courseHash), 'NOT_FOUND', 'IV.B.2.a(1)', 'approve the course and its materials first');
    const stranger = attendees.find((userId) => !state.users.has(userId));
    yield need(stranger === undefined, 'NOT_FOUND', 'IV.E.3', `there is no user ${stranger}`);
    yield need(heldAtMs <= nowMs, 'INPUT_INVALID', 'IV.E.3', 'a session is recorded after it was held');
  },
  fold(state, effect, at) {
    const sessionId = `session-${at.seq}`;
    state.trainingSessions.set(sessionId, { sessionId, ...effect });
    state.rosterUnsent = true;
  },
});

const certify = command({
  action: 'training.certify',
  title: 'Certify that somebody passed',
  input: z.strictObject({
    userId: userIdField,
    sessionId: z.string().max(96),
    score: z.int().min(0).max(100),
    certificateSha256: sha256Field,
  }),
  *rules({ state, policy, actor }, { userId, sessionId, score }) {
    yield need(actor.id !== userId, 'SELF_APPROVAL', 'IV.E.1', 'nobody certifies oneself');
    const held = state.trainingSessions.get(sessionId);
    yield need(
      held?.attendees.includes(userId),
      'NOT_FOUND',
      'IV.E.3',
      'this user is not on the attendance log of that session',
    );
    const passed = score >= policy.numbers.trainingScoreMin;
    yield need(
      passed,
      'TRAINING_MISSING',
      'IV.E.1',
      `a certificate needs a score of ${policy.numbers.trainingScoreMin}`,
    );
  },
  effect({ state }, input) {
    const held = state.trainingSessions.get(input.sessionId);
    const course = state.courses.get(held?.courseHash ?? '');
    return {
      ...input,
      kind: course?.kind ?? 'alpr',
      modules: course?.modules ?? [],
      courseHash: course?.courseHash ?? '',
      heldAtMs: held?.heldAtMs ?? 0,
    };
  },
  object: 'userId',
  fold(state, { userId, kind, modules, score, courseHash, heldAtMs }) {
    const earned = state.certificates.get(userId) ?? [];
    state.rosterUnsent = true;
    state.certificates.set(userId, [...earned, { kind, modules, score, courseHash, atMs: heldAtMs }]);
  },
});

/** A significant update or a change of the law asks for more training, with days of grace [IV.E.2]. */
const require = command({
  action: 'training.require',
  title: 'Ask everybody to be trained anew',
  input: z.strictObject({ why: textField }),
  *rules() {},
  effect: ({ nowMs, policy }, { why }) => ({ why, dueMs: nowMs + policy.numbers.requirementGraceDays * dayMs }),
  fold(state, { why, dueMs }, at) {
    state.trainingRequirements.push({ raisedAtMs: at.ms, dueMs, why });
  },
});

/** The roster of trained operators goes to the training unit, which acknowledges it [IV.B.2.a(2)]. */
const report = command({
  action: 'training.report',
  title: 'Send the roster to the training unit',
  makes: 'report',
  input: z.strictObject({}),
  *rules() {},
  effect: ({ state }) => ({ trained: [...state.certificates.keys()].sort() }),
  fold(state, _effect, at) {
    state.rosterUnsent = false;
    state.rosterReports.set(`report-${at.seq}`, { sentAtMs: at.ms, acknowledgedAtMs: null });
  },
});

const acknowledge = command({
  action: 'training.acknowledge',
  title: 'Acknowledge a roster',
  input: z.strictObject({ reportId: z.string().max(96) }),
  *rules({ state }, { reportId }) {
    yield need(state.rosterReports.has(reportId), 'NOT_FOUND', 'IV.B.2.a(2)', 'there is no such report');
  },
  fold(state, { reportId }, at) {
    const sent = state.rosterReports.get(reportId);
    if (sent) sent.acknowledgedAtMs ??= at.ms;
  },
});

export const trainingCommands = [approveCourse, recordSession, certify, require, report, acknowledge];
