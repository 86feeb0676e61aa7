import { z } from 'zod';
import { type Context, command, dayMs } from '../command.js';
import { need, type Refusal } from '../refusal.js';
import type { Deployment, GovernanceState } from '../state.js';
import { momentField, textField, userIdField } from './fields.js';

const deploymentId = z.string().max(96);

/** The administrator says when they are away; only then may the duty chief stand in [IV.A.6]. */
const openAbsence = command({
  action: 'absence.open',
  title: 'Say that the administrator is away, and who stands in',
  makes: 'absence',
  input: z.strictObject({ fromMs: momentField, toMs: momentField, why: textField }),
  *rules({ policy }, { fromMs, toMs }) {
    const days = policy.numbers.absenceDaysMax;
    yield need(
      toMs > fromMs && toMs - fromMs <= days * dayMs,
      'EXPIRY_REQUIRED',
      'IV.A.6',
      `an absence ends within ${days} days`,
    );
  },
  fold(state, { fromMs, toMs }, at) {
    state.absences.set(`absence-${at.seq}`, { fromMs, toMs });
  },
});

const closeAbsence = command({
  action: 'absence.close',
  title: 'End an absence',
  input: z.strictObject({ absenceId: z.string().max(96) }),
  *rules({ state }, { absenceId }) {
    yield need(state.absences.has(absenceId), 'NOT_FOUND', 'IV.A.6', 'there is no such absence');
  },
  fold(state, { absenceId }, at) {
    const absence = state.absences.get(absenceId);
    if (absence) absence.toMs = Math.min(absence.toMs, at.ms);
  },
});

function isAdministratorAbsent(state: GovernanceState, nowMs: number): boolean {
  return [...state.absences.values()].some((one) => one.fromMs <= nowMs && nowMs < one.toMs);
}

/** Where and why cameras are used, inert until approved; a non-traditional one has an end [IV.A.6, IV.B.1.a(9)]. */
const request = command({
  action: 'deployment.request',
  title: 'Ask to deploy cameras for a purpose',
  makes: 'deployment',
  input: z.strictObject({
    kind: z.enum(['fixed', 'nontraditional']),
    purpose: textField,
    fromMs: momentField,
    toMs: momentField.nullable().default(null),
    forUser: userIdField.nullable().default(null),
  }),
  *rules(_context, { kind, fromMs, toMs }) {
    const ends = toMs !== null && toMs > fromMs;
    yield need(kind === 'fixed' || ends, 'EXPIRY_REQUIRED', 'IV.A.6', 'a non-traditional deployment has an end');
  },
  effect: (_context, { kind, purpose, fromMs, toMs }) => ({ kind, purpose, fromMs, toMs }),
  fold(state, { kind, fromMs, toMs }, at) {
    const id = `deployment-${at.seq}`;
    const fresh = { approvedBy: null, needsRatification: false, endedAtMs: null, results: null };
    state.deployments.set(id, { deploymentId: id, kind, by: at.actorId, fromMs, toMs, ...fresh });
  },
});

function exists({ state }: Context, id: string): Refusal | null {
  return need(state.deployments.has(id), 'NOT_FOUND', 'IV.A.6', 'there is no such deployment');
}

const approve = command({
  action: 'deployment.approve',
  title: 'Approve a deployment somebody else asked for',
  input: z.strictObject({ deploymentId }),
  *rules(context, { deploymentId: id }) {
    const { state, actor, nowMs } = context;
    yield exists(context, id);
    const deployment = state.deployments.get(id);
    yield need(deployment?.by !== actor.id, 'SELF_APPROVAL', 'IV.A.6', 'somebody else approves what you asked for');
    const waits = deployment?.approvedBy === null && deployment.endedAtMs === null;
    yield need(waits, 'WRONG_STATE', 'IV.A.6', 'it is approved already, or over');
    if (actor.roles.includes('administrator')) return;
    yield need(
      deployment?.kind === 'nontraditional',
      'ROLE_REQUIRED',
      'IV.A.6',
      'the duty chief approves non-traditional deployments only',
    );
    yield need(isAdministratorAbsent(state, nowMs), 'ADMIN_NOT_ABSENT', 'IV.A.6', 'the administrator is not absent');
  },
  effect: ({ actor }, { deploymentId: id }) => ({
    deploymentId: id,
    byDutyChief: !actor.roles.includes('administrator'),
  }),
  object: 'deploymentId',
  fold(state, { deploymentId: id, byDutyChief }, at) {
    const deployment = state.deployments.get(id);
    if (!deployment) return;
    deployment.approvedBy = at.actorId;
    deployment.needsRatification = byDutyChief;
  },
});

const ratify = command({
  action: 'deployment.ratify',
  title: 'Ratify what the duty chief approved in an absence',
  input: z.strictObject({ deploymentId, ratified: z.boolean() }),
  *rules(context, { deploymentId: id }) {
    yield exists(context, id);
    const waits = context.state.deployments.get(id)?.needsRatification;
    yield need(waits, 'WRONG_STATE', 'IV.A.6', 'nothing waits for ratification');
  },
  object: 'deploymentId',
  fold(state, { deploymentId: id, ratified }, at) {
    const deployment = state.deployments.get(id);
    if (!deployment) return;
    deployment.needsRatification = false;
    if (!ratified) deployment.endedAtMs ??= at.ms;
  },
});

/** Ends with its results on record, arrests and incidents included [IV.B.1.a(9)]. */
const close = command({
  action: 'deployment.close',
  title: 'Close a deployment with what came of it',
  input: z.strictObject({ deploymentId, results: z.string().trim().max(4000).default('') }),
  *rules(context, { deploymentId: id, results }) {
    yield exists(context, id);
    const closed = context.state.deployments.get(id)?.results ?? null;
    yield need(closed === null, 'WRONG_STATE', 'IV.B.1.a(9)', 'its results are on record; they are not replaced');
    yield need(results.length > 0, 'DEPLOYMENT_INCOMPLETE', 'IV.B.1.a(9)', 'say what came of it');
  },
  object: 'deploymentId',
  fold(state, { deploymentId: id, results }, at) {
    const deployment = state.deployments.get(id);
    if (!deployment) return;
    deployment.endedAtMs ??= at.ms;
    deployment.results = results;
  },
});

export function isDeploymentLive(deployment: Deployment, nowMs: number): boolean {
  const begun = deployment.approvedBy !== null && deployment.fromMs <= nowMs;
  return begun && deployment.endedAtMs === null && (deployment.toMs === null || nowMs < deployment.toMs);
}

export const deploymentCommands = [openAbsence, closeAbsence, request, approve, ratify, close];
