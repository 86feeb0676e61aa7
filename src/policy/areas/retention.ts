import { z } from 'zod';
import { command, dayMs, hourMs } from '../command.js';
import type { Policy } from '../policy_file.js';
import { need } from '../refusal.js';
import type { GovernanceState } from '../state.js';
import { caseField, idField, sha256Field, textField } from './fields.js';
import { preserve } from './hits.js';
import { onlyEither, onlyOther, sideOf } from './two_sides.js';

/** How many days bulk reads are kept at this moment. */
export function retentionDays(state: GovernanceState, policy: Policy): number {
  return state.retentionDays ?? policy.numbers.retentionDays;
}

/** 14 < R <= 30 in whole days: the youngest row of a dropped daily partition is R-1 days old [IV.F.1]. */
const propose = command({
  action: 'retention.propose',
  title: 'Propose how many days reads are kept',
  makes: 'retention',
  input: z.strictObject({ days: z.number(), why: textField }),
  *rules({ policy, actor }, { days }) {
    yield onlyEither(actor, 'IV.F.3');
    const { retentionDaysMin: least, retentionDaysMax: most } = policy.numbers;
    const inRange = Number.isInteger(days) && days >= least && days <= most;
    yield need(inRange, 'RETENTION_OUT_OF_RANGE', 'IV.F.1', `between ${least} and ${most} whole days`);
  },
  effect: ({ actor }, { days }) => ({ days, byRole: sideOf(actor) ?? '' }),
  fold(state, { days, byRole }, at) {
    state.retentionProposals.set(`retention-${at.seq}`, { days, by: at.actorId, byRole, done: false });
  },
});

/** The other of the two roles agrees: neither changes retention alone [IV.F.3]. */
const approve = command({
  action: 'retention.approve',
  title: 'Agree to the proposed days, as the other side',
  input: z.strictObject({ proposalId: z.string().max(96) }),
  *rules({ state, actor }, { proposalId }) {
    const proposal = state.retentionProposals.get(proposalId);
    yield need(proposal && !proposal.done, 'NOT_FOUND', 'IV.F.3', 'there is no such open proposal');
    yield onlyOther(actor, proposal, 'IV.F.3');
  },
  effect: ({ state }, { proposalId }) => ({ proposalId, days: state.retentionProposals.get(proposalId)?.days ?? 0 }),
  fold(state, { proposalId, days }) {
    const proposal = state.retentionProposals.get(proposalId);
    if (proposal) proposal.done = true;
    state.retentionDays = days;
  },
});

/** A day's partition goes when its time is over, and never because a clock jumped [IV.F.1]. */
const drop = command({
  action: 'retention.drop',
  title: 'Delete a day of reads that is due',
  input: z.strictObject({ day: z.iso.date(), rows: z.int().min(0), partitionsDue: z.int().min(0) }),
  *rules({ state, policy, nowMs, clockDoubtful }, { day, partitionsDue }) {
    const sentence = 'nothing is deleted until the administrator has confirmed the clock';
    yield need(!clockDoubtful, 'RETENTION_MINIMUM', 'IV.F.1', `the clock has jumped; ${sentence}`);
    const many = partitionsDue > policy.numbers.partitionsPerRunMax;
    yield need(
      !many,
      'RETENTION_MINIMUM',
      'IV.F.1',
      `${partitionsDue} days at once are due, which looks like a wrong clock; ${sentence}`,
    );
    const ageDays = Math.floor((nowMs - Date.parse(day)) / dayMs);
    const over = ageDays >= retentionDays(state, policy);
    yield need(
      over,
      'RETENTION_MINIMUM',
      'IV.F.1',
      `the reads of ${day} are kept for ${retentionDays(state, policy)} days`,
    );
  },
  effect: (_context, { day, rows }) => ({ day, rows }),
  object: 'day',
  fold(state, { day }) {
    state.lastPartitionDropped = day;
  },
});

/** Downloads for a case are held until its final disposition [IV.F.2]. */
const openHold = command({
  action: 'hold.open',
  title: 'Preserve reads for a case',
  input: z.strictObject({ caseNo: caseField, readIds: z.array(idField).min(1).max(1000), why: textField }),
  *rules({ state }, { caseNo }) {
    const open = (state.holds.get(caseNo)?.dispositionAtMs ?? null) === null;
    yield need(open, 'WRONG_STATE', 'IV.F.2', 'that case has its final disposition');
  },
  effect: (_context, { caseNo, readIds }) => ({ caseNo, readIds }),
  object: 'caseNo',
  fold(state, { caseNo, readIds }) {
    preserve(state, caseNo, readIds);
  },
});

const release = command({
  action: 'hold.release',
  title: 'Record the final disposition of a case',
  input: z.strictObject({ caseNo: caseField, disposition: textField }),
  *rules({ state }, { caseNo }) {
    yield need(
      state.holds.get(caseNo)?.dispositionAtMs === null,
      'NOT_FOUND',
      'IV.F.2',
      'there is no open hold of that case',
    );
  },
  object: 'caseNo',
  fold(state, { caseNo }, at) {
    const hold = state.holds.get(caseNo);
    if (hold) hold.dispositionAtMs = at.ms;
  },
});

const dispose = command({
  action: 'hold.dispose',
  title: 'Dispose of the data of a disposed case',
  input: z.strictObject({ caseNo: caseField, certificateSha256: sha256Field }),
  *rules({ state }, { caseNo }) {
    const hold = state.holds.get(caseNo);
    yield need(hold, 'NOT_FOUND', 'IV.F.2', 'there is no hold of that case');
    yield need(
      hold?.dispositionAtMs !== null,
      'LEGAL_HOLD',
      'IV.F.2',
      'the case has no final disposition yet; its data is kept',
    );
  },
  object: 'caseNo',
  fold(state, { caseNo }, at) {
    const hold = state.holds.get(caseNo);
    if (hold) hold.disposedAtMs ??= at.ms;
  },
});

/** Reads that no retention job may delete. */
export function heldReads(state: GovernanceState): Set<string> {
  return new Set(
    [...state.holds.values()].filter((hold) => hold.disposedAtMs === null).flatMap((hold) => hold.readIds),
  );
}

/** Holds whose disposition is recorded and whose disposal is late. */
export function disposalsDue(state: GovernanceState, policy: Policy, nowMs: number): string[] {
  const lateMs = policy.numbers.dispositionDisposalHours * hourMs;
  const due = [...state.holds.values()].filter(
    (h) => h.dispositionAtMs !== null && h.disposedAtMs === null && nowMs - h.dispositionAtMs > lateMs,
  );
  return due.map((hold) => hold.caseNo);
}

export const retentionCommands = [propose, approve, drop, openHold, release, dispose];
