import { hash } from 'node:crypto';
import { z } from 'zod';
import { type Context, command } from '../command.js';
import { need, type Refusal } from '../refusal.js';
import { textField, userIdField } from './fields.js';

const auditId = z.string().max(96);

/**
 * Which of the records `1..size` an audit looks at: those whose SHA-256(seed, number) is smallest. The seed is the root of a signed
 * checkpoint, so nobody chooses it and anybody can draw the same sample again [IV.C.6.b].
 */
export function drawSample(seed: string, size: number, count: number): number[] {
  const ranked = Array.from({ length: size }, (_, index) => ({
    seq: index + 1,
    rank: hash('sha256', `${seed}:${index + 1}`, 'hex'),
  }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked
    .slice(0, count)
    .map((one) => one.seq)
    .sort((a, b) => a - b);
}

const open = command({
  action: 'audit.open',
  title: 'Open the quarterly audit and name its auditor',
  makes: 'audit',
  input: z.strictObject({ auditor: userIdField }),
  *rules({ state }, { auditor }) {
    const named = [...state.designations.values()].some((one) => one.userId === auditor && one.role === 'auditor');
    yield need(named, 'ROLE_REQUIRED', 'IV.C.6.b', 'designate the auditor first');
  },
  effect: ({ seed, sequence }, { auditor }) => ({ auditor, seed, size: sequence }),
  fold(state, { auditor, seed, size }, at) {
    const id = `audit-${at.seq}`;
    const fresh = { sample: null, findings: new Map(), closedAtMs: null };
    state.audits.set(id, { auditId: id, openedAtMs: at.ms, auditor, seed, size, ...fresh });
  },
});

function* ownOpen({ state, actor }: Context, id: string): Iterable<Refusal | null> {
  const audit = state.audits.get(id);
  const own = audit?.auditor === actor.id && audit.closedAtMs === null;
  yield need(own, 'NOT_FOUND', 'IV.C.6.b', 'there is no such open audit of yours');
}

const sample = command({
  action: 'audit.sample',
  title: 'Draw the sample of an audit, by a seed nobody chooses',
  input: z.strictObject({ auditId }),
  *rules(context, input) {
    yield* ownOpen(context, input.auditId);
    const drawn = context.state.audits.get(input.auditId)?.sample ?? null;
    yield need(drawn === null, 'WRONG_STATE', 'IV.C.6.b', 'its sample is drawn; nobody draws until one pleases');
  },
  // Seed and size are those of its opening: whoever draws chooses neither.
  effect({ state, policy }, { auditId: id }) {
    const { seed = '', size = 0 } = state.audits.get(id) ?? {};
    return { auditId: id, size, sample: drawSample(seed, size, policy.numbers.auditSample) };
  },
  object: 'auditId',
  fold(state, { auditId: id, sample: drawn }) {
    const audit = state.audits.get(id);
    if (audit) audit.sample = drawn;
  },
});

const find = command({
  action: 'audit.find',
  title: 'Record a finding of an audit',
  makes: 'finding',
  input: z.strictObject({ auditId, text: textField }),
  *rules(context, input) {
    yield* ownOpen(context, input.auditId);
  },
  object: 'auditId',
  fold(state, { auditId: id, text }, at) {
    state.audits.get(id)?.findings.set(`finding-${at.seq}`, { text, answer: null });
  },
});

const answer = command({
  action: 'audit.answer',
  title: 'Answer a finding',
  input: z.strictObject({ auditId, findingId: z.string().max(96), answer: textField }),
  *rules({ state }, input) {
    const finding = state.audits.get(input.auditId)?.findings.get(input.findingId);
    yield need(finding, 'NOT_FOUND', 'IV.C.6.b', 'there is no such finding');
  },
  object: 'auditId',
  fold(state, input) {
    const finding = state.audits.get(input.auditId)?.findings.get(input.findingId);
    if (finding) finding.answer = input.answer;
  },
});

/** Closed when a sample was drawn and every finding has an answer. */
const close = command({
  action: 'audit.close',
  title: 'Close an audit',
  input: z.strictObject({ auditId, conclusion: textField }),
  *rules(context, input) {
    yield* ownOpen(context, input.auditId);
    const audit = context.state.audits.get(input.auditId);
    const answered = audit?.sample && [...audit.findings.values()].every((finding) => finding.answer !== null);
    yield need(answered, 'WRONG_STATE', 'IV.C.6.b', 'draw the sample and wait for an answer to every finding');
  },
  effect: ({ seed }, input) => ({ ...input, root: seed }),
  object: 'auditId',
  fold(state, { auditId: id }, at) {
    const audit = state.audits.get(id);
    if (audit) audit.closedAtMs = at.ms;
  },
});

export const auditCommands = [open, sample, find, answer, close];
