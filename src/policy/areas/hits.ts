import { z } from 'zod';
import { checkCategory, isDeliverable } from '../categories.js';
import { type Context, command, minuteMs } from '../command.js';
import { isCaseNumber } from '../reason.js';
import { need, type Refusal } from '../refusal.js';
import type { GovernanceState, Hit } from '../state.js';
import { foldPlate, idField, momentField, plateField, stateField, textField } from './fields.js';

export const hitIdField = z.string().max(96);

/** The first rules of all work on a hit: it is the caller's to see, and not closed. */
export function* openFor({ state, policy, actor, nowMs }: Context, id: string): Iterable<Refusal | null> {
  const hit = state.hits.get(id);
  // Whoever is not told of a category does not work on its hits either [IV.A.3].
  const known = hit !== undefined && isDeliverable(state, policy, actor.id, hit.category, nowMs);
  yield need(known, 'NOT_FOUND', 'III.L', 'there is no such hit');
  yield need(hit?.closed === null, 'WRONG_STATE', 'IV.A.8.a(1)', 'this hit is closed');
}

/** One id a person works on: an alert of an authorised category [III.L]. Opened by the program alone. */
const openHit = command({
  action: 'hit.open',
  title: 'Open the hit of an alert',
  makes: 'hit',
  input: z.strictObject({
    alertId: idField,
    readId: idField,
    cameraId: idField,
    entryId: idField,
    category: z.string().max(64),
    plate: plateField.nullable(),
    state: stateField.nullable(),
    userId: z.string().max(32).nullable().default(null),
  }),
  *rules({ state, policy, nowMs }, { category, userId }) {
    yield checkCategory(state, policy, category, userId, nowMs);
  },
  effect: (_context, { userId: _one, ...input }) => ({
    ...input,
    plate: input.plate === null ? null : foldPlate(input.plate),
  }),
  object: 'alertId',
  fold(state, effect, at) {
    const id = `hit-${at.seq}`;
    const fresh = {
      verified: null,
      status: null,
      deferral: null,
      descriptionConflict: false,
      descriptionOverridden: false,
      stop: null,
      handovers: [],
      closed: null,
    };
    state.hits.set(id, { hitId: id, ...effect, openedAtMs: at.ms, ...fresh });
  },
});

/**
 * A person types the plate from the picture and picks the state, without being shown what was read; anything but equality with the
 * list closes the hit [IV.A.8.a(1)]. One hit at a time, and not faster than a person can look.
 */
const verify = command({
  action: 'hit.verify',
  title: 'Compare: type the plate as the picture shows it and pick its state',
  input: z.strictObject({ hitId: hitIdField, typedPlate: plateField, pickedState: stateField, shownAtMs: momentField }),
  *rules(context, input) {
    yield* openFor(context, input.hitId);
    const hit = context.state.hits.get(input.hitId);
    const seconds = context.policy.numbers.verificationSecondsMin;
    const looked = context.nowMs - Math.max(input.shownAtMs, hit?.openedAtMs ?? 0) >= seconds * 1000;
    yield need(looked, 'VERIFICATION_INCOMPLETE', 'IV.A.8.a(1)', `look at the picture for at least ${seconds} seconds`);
    yield need(
      hit?.plate !== null,
      'VERIFICATION_INCOMPLETE',
      'IV.A.7.e',
      'a description without a plate never leads to a stop',
    );
    const same = foldPlate(input.typedPlate) === hit?.plate;
    yield need(same, 'PLATE_MISMATCH', 'IV.A.8.a(1)', 'the plate you see is not the wanted one; the hit is closed');
    const stateKnown = hit?.state === null || input.pickedState === hit?.state;
    yield need(
      stateKnown,
      'STATE_MISMATCH',
      'IV.A.8.a(1)',
      'the plate is of another state than the wanted one; the hit is closed',
    );
    yield need(
      hit !== undefined && fitsDescription(hit),
      'VERIFICATION_INCOMPLETE',
      'IV.A.7.e',
      'the vehicle does not look as described; dismiss the hit or ask a supervisor',
    );
  },
  effect: (_context, { hitId: id }): { hitId: string; verified: boolean } => ({ hitId: id, verified: true }),
  onRefusal: (_context, { hitId: id }, { code }) =>
    code === 'PLATE_MISMATCH' || code === 'STATE_MISMATCH' ? { hitId: id, verified: false } : null,
  object: 'hitId',
  fold(state, effect, at) {
    const hit = state.hits.get(effect.hitId);
    if (!hit) return;
    if (effect.verified) hit.verified = { by: at.actorId, atMs: at.ms };
    else hit.closed = { disposition: 'mismatch', caseNo: null, by: at.actorId };
  },
});

/** What the source says now; "not active" closes the hit and takes the entry out of matching [IV.A.8.a(2)]. */
const checkStatus = command({
  action: 'hit.check_status',
  title: 'Record whether the source says that the entry is active',
  input: z.strictObject({
    hitId: hitIdField,
    source: z.enum(['cjis', 'ncic', 'rms', 'other']),
    reference: idField,
    active: z.boolean(),
  }),
  *rules(context, input) {
    yield* openFor(context, input.hitId);
  },
  object: 'hitId',
  fold(state, { hitId: id, source, active }, at) {
    const hit = state.hits.get(id);
    if (!hit) return;
    hit.status = { active, source, atMs: at.ms };
    if (active) return;
    hit.closed = { disposition: 'not_active', caseNo: null, by: at.actorId };
    const entry = state.entries.get(hit.entryId);
    if (entry) entry.removedAtMs ??= at.ms;
  },
});

/** "As soon as practicable" has a reason and a time by which it is done [IV.A.8.a(2)]. */
const defer = command({
  action: 'hit.defer',
  title: 'Defer the status check once, for some minutes',
  input: z.strictObject({ hitId: hitIdField, why: textField, dueMs: momentField }),
  *rules(context, { hitId: id, dueMs }) {
    yield* openFor(context, id);
    const minutes = context.policy.numbers.deferralMinutesMax;
    const soon = dueMs > context.nowMs && dueMs - context.nowMs <= minutes * minuteMs;
    yield need(soon, 'EXPIRY_REQUIRED', 'IV.A.8.a(2)', `the status is checked within ${minutes} minutes`);
    yield need(context.state.hits.get(id)?.deferral === null, 'WRONG_STATE', 'IV.A.8.a(2)', 'a check is deferred once');
  },
  effect: (_context, { hitId: id, why, dueMs }) => ({ hitId: id, reason: why, dueMs }),
  object: 'hitId',
  fold(state, { hitId: id, reason, dueMs }) {
    const hit = state.hits.get(id);
    if (hit) hit.deferral = { reason, dueMs };
  },
});

/** Nobody has said that the vehicle is another than the one described, or a supervisor has answered it [IV.A.7.e]. */
function fitsDescription({ descriptionConflict, descriptionOverridden }: Hit): boolean {
  return !descriptionConflict || descriptionOverridden;
}

/** Both halves: seen by a person, and active at its source or the check deferred and not yet late. */
export function isStopReady(hit: Hit, nowMs: number): boolean {
  const checked = hit.status?.active === true;
  const deferred = hit.status === null && hit.deferral !== null && nowMs <= hit.deferral.dueMs;
  return hit.closed === null && hit.verified !== null && (checked || deferred);
}

const recordStop = command({
  action: 'hit.record_stop',
  title: 'Record a stop of a compared and checked hit',
  input: z.strictObject({ hitId: hitIdField }),
  *rules(context, { hitId: id }) {
    yield* openFor(context, id);
    const hit = context.state.hits.get(id);
    const ready = hit !== undefined && isStopReady(hit, context.nowMs);
    const sentence =
      'no stop before a person has compared plate and state, and the status is checked or its check deferred';
    const clause = hit?.verified ? 'IV.A.8.a(2)' : 'IV.A.8.a(1)';
    yield need(ready, 'VERIFICATION_INCOMPLETE', clause, sentence);
  },
  object: 'hitId',
  fold(state, { hitId: id }, at) {
    const hit = state.hits.get(id);
    if (hit) hit.stop = { by: at.actorId, atMs: at.ms };
  },
});

/** What was acted on is preserved by the very record that closes it: both or neither [IV.B.1.a(2)]. */
const close = command({
  action: 'hit.close',
  title: 'Close a hit with its disposition',
  input: z.strictObject({
    hitId: hitIdField,
    disposition: z.enum(['acted_on', 'dismissed', 'not_found', 'training_canary']),
    caseNo: z.string().max(64).nullable().default(null),
    arrest: z.boolean().default(false),
    note: textField,
  }),
  *rules(context, { hitId: id, disposition, caseNo }) {
    yield* openFor(context, id);
    if (disposition !== 'acted_on') {
      const stopped = context.state.hits.get(id)?.stop ?? null;
      yield need(stopped === null, 'WRONG_STATE', 'IV.B.1.a(2)', 'a vehicle was stopped: close it as acted on');
      return;
    }
    yield need(
      isCaseNumber(caseNo),
      'CASE_NUMBER_REQUIRED',
      'IV.B.1.a(2)',
      'what was acted on belongs to a case; give its number',
    );
    const hit = context.state.hits.get(id);
    const ready = hit?.verified && hit.status?.active;
    yield need(
      ready,
      'VERIFICATION_INCOMPLETE',
      'IV.A.8.a(2)',
      'finish verification and status check before closing as acted on',
    );
  },
  effect: ({ state }, { hitId: id, disposition, caseNo, arrest }) => {
    const preserved = disposition === 'acted_on' ? (state.hits.get(id)?.readId ?? null) : null;
    return { hitId: id, disposition, caseNo, arrest, preserved };
  },
  object: 'hitId',
  fold(state, { hitId: id, disposition, caseNo, preserved }, at) {
    const hit = state.hits.get(id);
    if (hit) hit.closed = { disposition, caseNo, by: at.actorId };
    if (preserved !== null && caseNo !== null) preserve(state, caseNo, [preserved]);
  },
});

/** Puts reads under the hold of a case. */
export function preserve(state: GovernanceState, caseNo: string, readIds: readonly string[]): void {
  const hold = state.holds.get(caseNo) ?? { caseNo, readIds: [], dispositionAtMs: null, disposedAtMs: null };
  for (const id of readIds) if (!hold.readIds.includes(id)) hold.readIds.push(id);
  state.holds.set(caseNo, hold);
}

export const hitCommands = [openHit, verify, checkStatus, defer, recordStop, close];
