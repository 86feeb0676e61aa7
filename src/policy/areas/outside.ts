import { z } from 'zod';
import { command, hourMs } from '../command.js';
import { need, type Refusal } from '../refusal.js';
import { hasAgreement } from '../sharing.js';
import type { GovernanceState } from '../state.js';
import { idField, momentField, nameField, sha256Field, textField, userIdField } from './fields.js';

const scope = z.array(z.enum(['alerts', 'case_data'])).min(1);

const registerAgency = command({
  action: 'agency.register',
  title: 'Register another agency',
  input: z.strictObject({ agencyId: idField, name: nameField, kind: z.enum(['agency', 'dcjis']) }),
  *rules({ state }, { agencyId, kind }) {
    yield need(!state.agencies.has(agencyId), 'DUPLICATE_ID', 'IV.D.2', 'there is an agency of that name');
    const second = kind === 'dcjis' && [...state.agencies.values()].some((one) => one.kind === 'dcjis');
    yield need(
      !second,
      'DUPLICATE_ID',
      'III.J',
      'the state agency is registered already; every other agency needs an agreement',
    );
  },
  object: 'agencyId',
  fold(state, { agencyId, kind }) {
    state.agencies.set(agencyId, { agencyId, kind, mou: null });
  },
});

const recordMou = command({
  action: 'mou.record',
  title: 'Record an agreement with an agency',
  input: z.strictObject({
    agencyId: idField,
    documentSha256: sha256Field,
    scope,
    fromMs: momentField,
    toMs: momentField,
  }),
  *rules({ state }, { agencyId, fromMs, toMs }) {
    yield need(state.agencies.has(agencyId), 'NOT_FOUND', 'IV.D.2', 'register the agency first');
    yield need(toMs > fromMs, 'EXPIRY_REQUIRED', 'IV.D.2', 'an agreement has an end after its start');
  },
  object: 'agencyId',
  fold(state, { agencyId, documentSha256, scope: shared, fromMs, toMs }) {
    const agency = state.agencies.get(agencyId);
    if (agency) agency.mou = { sha256: documentSha256, scope: shared, fromMs, toMs };
  },
});

const endMou = command({
  action: 'mou.end',
  title: 'End an agreement',
  input: z.strictObject({ agencyId: idField, why: textField }),
  *rules({ state }, { agencyId }) {
    yield need(state.agencies.get(agencyId)?.mou, 'NOT_FOUND', 'IV.D.2', 'there is no agreement to end');
  },
  object: 'agencyId',
  fold(state, { agencyId }, at) {
    const mou = state.agencies.get(agencyId)?.mou;
    if (mou) mou.toMs = Math.min(mou.toMs, at.ms);
  },
});

/** A vendor is its security papers: addendum signed, people screened, both with an end [IV.C.3.a]. */
const recordVendor = command({
  action: 'vendor.record',
  title: 'Record a vendor and its security papers',
  input: z.strictObject({
    vendorId: idField,
    name: nameField,
    addendumAtMs: momentField,
    screenedAtMs: momentField,
    expiresAtMs: momentField,
  }),
  *rules({ nowMs }, { addendumAtMs, screenedAtMs, expiresAtMs }) {
    const current = addendumAtMs <= nowMs && screenedAtMs <= nowMs && expiresAtMs > nowMs;
    yield need(current, 'VENDOR_NOT_COMPLIANT', 'IV.C.3.a', 'addendum and screening are past, their end is not');
  },
  object: 'vendorId',
  fold(state, { name: _name, ...vendor }) {
    state.vendors.set(vendor.vendorId, vendor);
  },
});

const openWindow = command({
  action: 'vendor.open_window',
  title: 'Let a vendor’s person in for some hours',
  makes: 'window',
  input: z.strictObject({ userId: userIdField, ticket: idField, fromMs: momentField, toMs: momentField }),
  *rules({ state, policy, nowMs }, { userId, fromMs, toMs }) {
    const user = state.users.get(userId);
    yield need(user?.kind === 'vendor', 'NOT_FOUND', 'IV.C.3.a', 'that is not a vendor account');
    const vendor = state.vendors.get(user?.vendorId ?? '');
    yield need(
      vendor && vendor.expiresAtMs > nowMs,
      'VENDOR_NOT_COMPLIANT',
      'IV.C.3.a',
      "the vendor's papers have run out",
    );
    const hours = policy.numbers.vendorWindowHoursMax;
    const short = toMs > fromMs && toMs - fromMs <= hours * hourMs;
    yield need(short, 'EXPIRY_REQUIRED', 'IV.C.3.a', `a window is at most ${hours} hours long`);
  },
  object: 'userId',
  fold(state, effect, at) {
    state.vendorWindows.set(`window-${at.seq}`, effect);
  },
});

/** Bulk data is kept by a compliant vendor, never by the department itself [IV.F.1]. */
const setCustodian = command({
  action: 'custodian.set',
  title: 'Name the vendor that keeps the bulk reads',
  input: z.strictObject({ vendorId: idField }),
  *rules({ state, nowMs }, { vendorId }) {
    const vendor = state.vendors.get(vendorId);
    yield need(
      vendor && nowMs < vendor.expiresAtMs,
      'VENDOR_NOT_COMPLIANT',
      'IV.F.1',
      'bulk data is kept by a vendor with current papers',
    );
  },
  fold(state, { vendorId }) {
    state.custodian = vendorId;
  },
});

/** @returns why bulk reads may not be kept at this moment, or `null` [IV.F.1, IV.C.3.a]. */
export function custodianRefusal(state: GovernanceState, nowMs: number): Refusal | null {
  const vendor = state.vendors.get(state.custodian ?? '');
  const sentence = 'name a custodian of bulk data: a vendor with current security papers (custodian.set)';
  return need(vendor !== undefined && nowMs < vendor.expiresAtMs, 'VENDOR_NOT_COMPLIANT', 'IV.F.1', sentence);
}

/** Case data leaves to a prosecutor by discovery, to others by legal process or agreement; everything else stays [IV.D.1-3]. */
const release = command({
  action: 'disclosure.release',
  title: 'Release data of a case to somebody outside',
  makes: 'disclosure',
  input: z.strictObject({
    kind: z.enum(['da_discovery', 'court_order', 'subpoena', 'agency']),
    recipient: nameField,
    agencyId: idField.nullable().default(null),
    secondaryRecipient: nameField.nullable().default(null),
    caseNo: z.string().max(64),
    purpose: textField,
    docketNo: z.string().trim().max(64).nullable().default(null),
    process: z
      .strictObject({ documentSha256: sha256Field, issuer: nameField, issuedAtMs: momentField, scope: textField })
      .nullable()
      .default(null),
    packageSha256: sha256Field,
  }),
  *rules({ state, nowMs }, input) {
    yield need(
      state.holds.has(input.caseNo),
      'NOT_FOUND',
      'IV.F.2',
      'only what is preserved for a case can be released',
    );
    if (input.kind === 'da_discovery') {
      yield need(/\d/.test(input.docketNo ?? ''), 'LEGAL_PROCESS_REQUIRED', 'IV.D.3', 'give the docket number');
    } else if (input.kind === 'agency') {
      const agreed = hasAgreement(state, input.agencyId ?? '', 'case_data', nowMs);
      yield need(agreed, 'MOU_REQUIRED', 'IV.D.2', 'no live agreement with that agency covers case data');
    } else {
      const served = input.process !== null && input.process.issuedAtMs <= nowMs;
      yield need(
        served,
        'LEGAL_PROCESS_REQUIRED',
        'IV.D.3',
        'record the order or subpoena: document, issuer, date and scope',
      );
    }
  },
  object: 'caseNo',
  fold(state, { kind, recipient }, at) {
    state.disclosures.set(`disclosure-${at.seq}`, { kind, recipient, atMs: at.ms });
  },
});

export const outsideCommands = [registerAgency, recordMou, endMou, recordVendor, openWindow, setCustodian, release];
