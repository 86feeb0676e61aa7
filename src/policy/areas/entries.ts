import { z } from 'zod';
import { checkCategory } from '../categories.js';
import { type Context, command, dayMs, hourMs } from '../command.js';
import { need, type Refusal } from '../refusal.js';
import { hasAgreement } from '../sharing.js';
import type { Entry, EntryContent, GovernanceState } from '../state.js';
import { caseField, foldPlate, idField, momentField, plateField, stateField, textField } from './fields.js';

const word = z.string().trim().min(1).max(40).nullable().default(null);
const vehicle = z.strictObject({
  make: word,
  model: word,
  colour: word,
  type: word,
  year: z.int().min(1900).max(2100).nullable().default(null),
});

const content = z.strictObject({
  plate: plateField.nullable().default(null),
  state: stateField.nullable().default(null),
  category: z.string().max(64),
  caseNo: caseField,
  originAgency: idField.nullable().default(null),
  vehicle: vehicle.nullable().default(null),
  expiresAtMs: momentField.nullable().default(null),
  why: textField,
});
type Content = z.infer<typeof content>;

/** What any manual entry must have, whoever asks for it [IV.A.7.a, IV.A.7.e]. */
function* checkContent({ state, policy, nowMs }: Context, input: Content): Iterable<Refusal | null> {
  yield checkCategory(state, policy, input.category, null, nowMs);
  const lifeMs = (input.expiresAtMs ?? 0) - nowMs;
  const days = policy.numbers.entryDaysMax;
  yield need(lifeMs > 0 && lifeMs <= days * dayMs, 'EXPIRY_REQUIRED', 'IV.A.7.a', `an entry ends within ${days} days`);
  if (input.plate === null) {
    yield need(input.vehicle !== null, 'INPUT_INVALID', 'IV.A.7.e', 'give a plate or describe the vehicle');
    const hours = policy.numbers.descriptionHoursMax;
    yield need(
      lifeMs <= hours * hourMs,
      'EXPIRY_REQUIRED',
      'IV.A.7.e',
      `a description without a plate ends within ${hours} hours`,
    );
  } else {
    yield need(input.state !== null, 'INPUT_INVALID', 'IV.A.7.d', 'give the state that issued the plate');
  }
  const known = input.originAgency === null || state.agencies.has(input.originAgency);
  yield need(known, 'NOT_FOUND', 'IV.A.7.b', 'register the agency first');
}

function normal(input: Content): EntryContent & { [key: string]: string | number | null | EntryContent['vehicle'] } {
  const { plate, state, category, caseNo, originAgency, vehicle: wanted, expiresAtMs } = input;
  const folded = plate === null ? null : foldPlate(plate);
  return { plate: folded, state, category, caseNo, originAgency, vehicle: wanted, expiresAtMs: expiresAtMs ?? 0 };
}

/** Anybody trained may ask; that enters nothing [IV.A.7.b]. */
const request = command({
  action: 'entry.request',
  title: 'Ask a supervisor to enter a vehicle',
  makes: 'request',
  input: content,
  rules: checkContent,
  effect: (_context, input) => normal(input),
  fold(state, effect, at) {
    state.entryRequests.set(`request-${at.seq}`, { ...effect, by: at.actorId, entryId: null });
  },
});

/** A supervisor enters, never what they asked for themselves; without CJIS check it matches nothing [IV.A.7.c, IV.A.7.d]. */
const create = command({
  action: 'entry.create',
  title: 'Enter a vehicle by hand',
  makes: 'entry',
  input: content.extend({ requestId: z.string().max(96).nullable().default(null) }),
  *rules(context, input) {
    if (input.requestId !== null) {
      const asked = context.state.entryRequests.get(input.requestId);
      yield need(asked && asked.entryId === null, 'NOT_FOUND', 'IV.A.7.b', 'there is no such open request');
      yield need(
        asked?.by !== context.actor.id,
        'SELF_APPROVAL',
        'IV.A.7.c',
        'another supervisor enters what you asked for',
      );
    }
    yield* checkContent(context, input);
  },
  effect({ state, nowMs, policy, actor }, input) {
    const requestedBy = state.entryRequests.get(input.requestId ?? '')?.by ?? actor.id;
    return {
      ...normal(input),
      requestId: input.requestId,
      requestedBy,
      reviewDueMs: nowMs + policy.numbers.entryReviewDays * dayMs,
    };
  },
  fold(state, { requestId, ...effect }, at) {
    const entryId = `entry-${at.seq}`;
    const asked = state.entryRequests.get((requestId as string | null) ?? '');
    if (asked) asked.entryId = entryId;
    state.entries.set(entryId, fresh(entryId, 1, effect as never, at.actorId));
  },
});

function fresh(
  entryId: string,
  version: number,
  effect: EntryContent & { requestedBy: string; reviewDueMs: number },
  enteredBy: string,
): Entry {
  const {
    plate,
    state,
    category,
    caseNo,
    originAgency,
    vehicle: wanted,
    expiresAtMs,
    requestedBy,
    reviewDueMs,
  } = effect;
  const kept = { plate, state, category, caseNo, originAgency, vehicle: wanted, expiresAtMs, requestedBy, reviewDueMs };
  return { entryId, version, ...kept, enteredBy, cjisCheckedAtMs: null, removedAtMs: null };
}

export type EntryStanding = 'pending' | 'active' | 'review_overdue' | 'expired' | 'removed';

/** Only an `active` entry matches; a lapsed review stops it like an end does [IV.A.7.a]. */
export function entryStanding(entry: Entry, nowMs: number): EntryStanding {
  if (entry.removedAtMs !== null) return 'removed';
  if (nowMs >= entry.expiresAtMs) return 'expired';
  if (entry.plate !== null && entry.cjisCheckedAtMs === null) return 'pending';
  return nowMs > entry.reviewDueMs ? 'review_overdue' : 'active';
}

export function activeEntries(state: GovernanceState, nowMs: number): Entry[] {
  return [...state.entries.values()].filter((entry) => entryStanding(entry, nowMs) === 'active');
}

function* open({ state, nowMs }: Context, entryId: string): Iterable<Refusal | null> {
  const entry = state.entries.get(entryId);
  yield need(entry, 'NOT_FOUND', 'IV.A.7.a', 'there is no such entry');
  const over = entry === undefined || ['expired', 'removed'].includes(entryStanding(entry, nowMs));
  yield need(!over, 'ENTRY_EXPIRED', 'IV.A.7.a', 'this entry has ended; enter it anew');
}

/**
 * The plate as CJIS returned it must be the plate as entered. A person asked CJIS and types its answer, so a second supervisor attests
 * it (docs/decisions/0008-status-by-hand.md) [IV.A.7.d].
 */
const checkCjis = command({
  action: 'entry.check_cjis',
  title: 'Record what the state’s records say about an entered plate',
  input: z.strictObject({
    entryId: z.string().max(96),
    reference: idField,
    queriedAtMs: momentField,
    returnedPlate: plateField,
    returnedState: stateField,
  }),
  *rules(context, input) {
    const { state, policy, nowMs, actor } = context;
    yield* open(context, input.entryId);
    const entry = state.entries.get(input.entryId);
    yield need(
      entry?.enteredBy !== actor.id,
      'SELF_APPROVAL',
      'IV.A.7.d',
      'a second supervisor attests the CJIS answer',
    );
    const fresh = input.queriedAtMs <= nowMs && nowMs - input.queriedAtMs <= policy.numbers.cjisCheckHoursMax * hourMs;
    yield need(fresh, 'CJIS_VERIFICATION_REQUIRED', 'IV.A.7.d', 'query CJIS again: the answer is too old');
    const about = state.cjisReferences.get(input.reference);
    const unused = about === undefined || about === `${entry?.state} ${entry?.plate}`;
    yield need(unused, 'CJIS_VERIFICATION_REQUIRED', 'IV.A.7.d', 'this CJIS reference belongs to another plate');
    const same = foldPlate(input.returnedPlate) === entry?.plate;
    yield need(same, 'PLATE_MISMATCH', 'IV.A.7.d', 'CJIS returned another plate than the one entered');
    yield need(
      input.returnedState === entry?.state,
      'STATE_MISMATCH',
      'IV.A.7.d',
      'CJIS returned another state than the one entered',
    );
  },
  effect: ({ state }, { entryId, reference }) => {
    const entry = state.entries.get(entryId);
    return { entryId, reference, about: `${entry?.state} ${entry?.plate}` };
  },
  object: 'entryId',
  fold(state, { entryId, reference, about }, at) {
    const entry = state.entries.get(entryId);
    if (entry) entry.cjisCheckedAtMs = at.ms;
    state.cjisReferences.set(reference, about);
  },
});

const review = command({
  action: 'entry.review',
  title: 'Say that an entry is still current',
  input: z.strictObject({ entryId: z.string().max(96), why: textField }),
  *rules(context, { entryId }) {
    yield* open(context, entryId);
  },
  effect: ({ nowMs, policy }, { entryId }) => ({
    entryId,
    reviewDueMs: nowMs + policy.numbers.entryReviewDays * dayMs,
  }),
  object: 'entryId',
  fold(state, { entryId, reviewDueMs }) {
    const entry = state.entries.get(entryId);
    if (entry) entry.reviewDueMs = reviewDueMs;
  },
});

/** A change is a new version that has to be checked again; the old one stays in the ledger [IV.A.7.a]. */
const update = command({
  action: 'entry.update',
  title: 'Change an entry; it is checked anew',
  input: content.extend({ entryId: z.string().max(96) }),
  *rules(context, input) {
    yield* open(context, input.entryId);
    yield* checkContent(context, input);
  },
  effect: ({ nowMs, policy, state }, input) => ({
    ...normal(input),
    entryId: input.entryId,
    requestedBy: state.entries.get(input.entryId)?.requestedBy ?? '',
    reviewDueMs: nowMs + policy.numbers.entryReviewDays * dayMs,
  }),
  object: 'entryId',
  fold(state, { entryId, ...effect }, at) {
    const id = entryId as string;
    const version = (state.entries.get(id)?.version ?? 0) + 1;
    state.entries.set(id, fresh(id, version, effect as never, at.actorId));
  },
});

const remove = command({
  action: 'entry.remove',
  title: 'Remove an entry',
  input: z.strictObject({ entryId: z.string().max(96), why: textField }),
  *rules({ state }, { entryId }) {
    yield need(state.entries.has(entryId), 'NOT_FOUND', 'IV.A.7.a', 'there is no such entry');
  },
  object: 'entryId',
  fold(state, { entryId }, at) {
    const entry = state.entries.get(entryId);
    if (entry) entry.removedAtMs ??= at.ms;
  },
});

/** The agency an entry came from hears of a hit only under a live agreement; we hear of it in any case [IV.A.7.b, IV.D.2]. */
const forward = command({
  action: 'alert.forward',
  title: 'Tell an agency of a hit on its entry, under its agreement',
  makes: 'disclosure',
  input: z.strictObject({ entryId: z.string().max(96), alertId: idField }),
  *rules({ state, nowMs }, { entryId }) {
    const agency = state.entries.get(entryId)?.originAgency ?? null;
    yield need(agency !== null, 'NOT_FOUND', 'IV.A.7.b', 'this entry names no agency to tell');
    yield need(
      hasAgreement(state, agency ?? '', 'alerts', nowMs),
      'MOU_REQUIRED',
      'IV.D.2',
      'no live agreement with that agency',
    );
  },
  effect: ({ state }, input) => ({ ...input, agencyId: state.entries.get(input.entryId)?.originAgency ?? '' }),
  object: 'alertId',
  fold(state, { agencyId }, at) {
    state.disclosures.set(`disclosure-${at.seq}`, { kind: 'alert', recipient: agencyId, atMs: at.ms });
  },
});

export const entryCommands = [request, create, checkCjis, review, update, remove, forward];
