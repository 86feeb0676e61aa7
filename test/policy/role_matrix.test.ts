import { strict as assert } from 'node:assert';
import { type Role, type Rule, roleNames } from '../../src/policy/policy_file.js';
import type { Principal } from '../../src/policy/principal.js';
import type { Refusal } from '../../src/policy/refusal.js';
import { suite } from '../support/suite.js';
import { addUser, dayMs, hastyDisk, shippedPolicy, staffedWorld, startMs, system, train, type World } from './world.js';

/**
 * Who may do what, written down from the text of policy 41-12 and not from the file that ships: whoever widens a rule there has to
 * widen it here too, and find the words of the policy that allow it.
 */
const { test, before, after } = suite('who may do what (T1)');

const roleOf: Readonly<Record<string, Role>> = {
  OPR: 'operator',
  SUP: 'supervisor',
  ADM: 'administrator',
  DC: 'duty_chief',
  TEC: 'technician',
  REC: 'records',
  TRN: 'training',
  AUD: 'auditor',
  VND: 'vendor',
  HOD: 'department_head',
  SYS: 'system',
};
const everyone = 'OPR SUP ADM DC TEC REC TRN AUD VND HOD';
type Row = readonly [action: string, who: string, clause: string];

/** Acts that change something. */
const commands: readonly Row[] = [
  // Access is the administrator's to give and take (IV.A.2, IV.B.1.a(10)); the head of the department names the administrator (III.D).
  ['user.create', 'ADM', 'II.E'],
  ['user.remove', 'ADM', 'II.E'],
  ['user.freeze', 'ADM AUD', 'II.pre'],
  ['user.unfreeze', 'ADM', 'II.pre'],
  ['user.reenable', 'ADM', 'II.E'],
  ['user.recover', 'ADM', 'IV.C.2.a'],
  ['principal.set', 'HOD', 'III.D'],
  ['designation.grant', 'ADM', 'IV.A.2'],
  ['designation.revoke', 'ADM', 'IV.A.2'],
  // The technician trains and documents it, the training unit acknowledges (IV.B.2.a(1), (2)).
  ['training.approve_course', 'TEC', 'IV.E.3'],
  ['training.record_session', 'TEC', 'IV.B.2.a(1)'],
  ['training.certify', 'TEC', 'IV.E.1'],
  ['training.require', 'ADM TEC', 'IV.E.2'],
  ['training.report', 'TEC SYS', 'IV.B.2.a(2)'],
  ['training.acknowledge', 'TRN', 'IV.B.2.a(2)'],
  // Each user has a profile (IV.A.3); exceptions are the administrator's (IV.A.4).
  ['profile.set', everyone, 'IV.A.3'],
  ['exception.grant', 'ADM', 'IV.A.4'],
  ['exception.end', 'ADM', 'IV.A.4'],
  ['category.map', 'ADM', 'III.M'],
  // Personnel may seek an entry (IV.A.7.b); a supervisor alone makes it (IV.A.7.c).
  ['entry.request', 'OPR SUP ADM', 'IV.A.7.b'],
  ['entry.create', 'SUP', 'IV.A.7.c'],
  ['entry.check_cjis', 'SUP', 'IV.A.7.d'],
  ['entry.review', 'SUP', 'IV.A.7.a'],
  ['entry.update', 'SUP', 'IV.A.7.a'],
  ['entry.remove', 'SUP', 'IV.A.7.a'],
  ['alert.forward', 'SYS', 'IV.A.7.b'],
  // Those who stop vehicles work on hits (IV.A.8.a); the program opens them (III.L).
  ['hit.open', 'SYS', 'III.L'],
  ['hit.verify', 'OPR SUP', 'IV.A.8.a(1)'],
  ['hit.check_status', 'OPR SUP', 'IV.A.8.a(2)'],
  ['hit.defer', 'OPR SUP', 'IV.A.8.a(2)'],
  ['hit.record_stop', 'OPR SUP', 'IV.A.8.a(1)'],
  ['hit.close', 'OPR SUP', 'IV.B.1.a(2)'],
  ['hit.hand_over', 'OPR SUP', 'IV.A.8.a(2)'],
  ['hit.report_conflict', 'OPR SUP', 'IV.A.7.e'],
  ['hit.override_description', 'SUP', 'IV.A.7.e'],
  ['search.save', 'OPR SUP', 'IV.A.5'],
  ['search.forget', 'OPR SUP', 'IV.A.5'],
  ['search.cosign', 'SUP', 'IV.A.5'],
  // The administrator approves; while absent, the duty chief (IV.A.6).
  ['absence.open', 'ADM', 'IV.A.6'],
  ['absence.close', 'ADM', 'IV.A.6'],
  ['deployment.request', 'OPR SUP ADM TEC', 'IV.A.6'],
  ['deployment.approve', 'ADM DC', 'IV.A.6'],
  ['deployment.ratify', 'ADM', 'IV.A.6'],
  ['deployment.close', 'ADM', 'IV.B.1.a(9)'],
  // The technician keeps the equipment; whoever is trained takes a bad camera out, the technician alone puts it back (IV.B.2.a(3), (5)).
  ['camera.register', 'TEC', 'I.p2'],
  ['camera.approve', 'ADM', 'I.p2'],
  ['camera.move', 'TEC', 'III.K'],
  ['camera.check', 'TEC', 'IV.B.2.a(3)'],
  ['camera.take_out', 'OPR SUP TEC ADM SYS', 'IV.B.2.a(5)'],
  ['camera.set_baseline', 'SYS', 'IV.B.2.a(3)'],
  ['camera.repair', 'TEC', 'IV.B.2.a(3)'],
  ['camera.put_in', 'TEC', 'IV.B.2.a(5)'],
  // Who else gets what is the administrator's decision (IV.B.1.a(10), IV.D.2, IV.C.3.a).
  ['agency.register', 'ADM', 'IV.D.2'],
  ['mou.record', 'ADM', 'IV.D.2'],
  ['mou.end', 'ADM', 'IV.D.2'],
  ['vendor.record', 'ADM', 'IV.C.3.a'],
  ['vendor.open_window', 'ADM', 'IV.C.3.a'],
  ['custodian.set', 'ADM', 'IV.F.1'],
  // The commanding officer of the records unit answers for retention and release (IV.F.3, IV.D.3).
  ['retention.propose', 'ADM REC', 'IV.F.3'],
  ['retention.approve', 'ADM REC', 'IV.F.3'],
  ['retention.drop', 'SYS', 'IV.F.1'],
  ['hold.open', 'OPR SUP REC', 'IV.F.2'],
  ['hold.release', 'REC', 'IV.F.2'],
  ['hold.dispose', 'REC SYS', 'IV.F.2'],
  ['disclosure.release', 'REC', 'IV.D.3'],
  // At the direction of the administrator, by somebody who is nothing else (IV.C.6.b).
  ['audit.open', 'ADM', 'IV.C.6.b'],
  ['audit.sample', 'AUD', 'IV.C.6.b'],
  ['audit.find', 'AUD', 'IV.C.6.b'],
  ['audit.answer', 'ADM', 'IV.C.6.b'],
  ['audit.close', 'AUD', 'IV.C.6.b'],
  ['misuse.flag', 'ADM AUD SYS', 'IV.B.1.a(4)'],
  ['misuse.close', 'ADM', 'IV.B.1.a(4)'],
  ['system.suspend', 'ADM HOD', 'II.C'],
  ['system.propose_resume', 'ADM', 'II.C'],
  ['system.resume', 'HOD', 'II.C'],
  ['protocol.approve', 'ADM', 'IV.B.1.a(1)'],
  ['policy.recommend', 'ADM', 'IV.B.1.a(6)'],
  ['policy.dispose', 'HOD', 'IV.B.1.a(6)'],
  ['policy.review', 'ADM', 'IV.G.1'],
  ['legal.record', 'ADM', 'IV.B.1.a(7)'],
  // The administrator coordinates maintenance with the records unit: one of the two asks, the other agrees (IV.B.1.a(8)).
  ['change.request', 'ADM REC', 'IV.B.1.a(8)'],
  ['change.approve', 'ADM REC', 'IV.B.1.a(8)'],
  ['ticket.open', everyone, 'IV.B.2.a(4)'],
  ['ticket.close', 'TEC', 'IV.B.2.a(4)'],
  ['clock.confirm', 'ADM', 'IV.F.1'],
];

/** Requests that show plates: never the technician, a vendor, the training unit or an auditor. */
const accesses: readonly Row[] = [
  ['reads.search', 'OPR SUP ADM', 'IV.A.5'],
  ['reads.image', 'OPR SUP ADM', 'IV.A.5'],
  ['reads.export', 'OPR SUP', 'IV.F.2'],
  ['case.read', 'OPR SUP REC ADM', 'IV.F.2'],
];

/** What is looked at besides. */
const views: readonly Row[] = [
  ['alerts', 'OPR SUP ADM', 'IV.A.3'],
  ['alert.image', 'OPR SUP ADM', 'IV.A.8.a(1)'],
  ['hits', 'OPR SUP ADM', 'III.L'],
  ['entries', 'OPR SUP ADM', 'IV.A.7.a'],
  ['cosigns', 'OPR SUP ADM AUD', 'IV.A.5'],
  ['saved_searches', 'OPR SUP', 'IV.A.5'],
  ['audit.looks', 'AUD ADM', 'IV.C.6.b'],
  ['users', 'ADM TEC TRN AUD HOD', 'II.E'],
  ['training', 'ADM TEC TRN AUD HOD', 'IV.E.3'],
  ['cameras', 'OPR SUP ADM DC TEC REC AUD HOD', 'I.p2'],
  ['camera.view', 'TEC', 'IV.B.2.a(3)'],
  ['deployments', 'OPR SUP ADM DC TEC REC AUD HOD', 'IV.B.1.a(9)'],
  ['exceptions', 'SUP ADM AUD HOD', 'IV.A.4'],
  ['audits', 'ADM AUD HOD', 'IV.C.6.b'],
  ['audit.records', 'AUD', 'IV.C.6.b'],
  ['misuse', 'ADM AUD', 'IV.B.1.a(4)'],
  ['agencies', 'SUP ADM REC AUD HOD', 'IV.D.2'],
  ['vendors', 'ADM TEC REC AUD HOD', 'IV.C.3.a'],
  ['holds', 'SUP ADM REC AUD', 'IV.F.2'],
  ['disclosures', 'SUP ADM REC AUD HOD', 'IV.D.1'],
  ['duties', 'OPR SUP ADM DC TEC REC TRN AUD HOD', 'IV.B.1.a'],
  ['policy', everyone, 'II.B'],
  ['retention', 'ADM TEC REC AUD HOD', 'IV.F.3'],
  ['oversight', 'ADM TEC REC AUD HOD', 'IV.B.1.a'],
  ['ledger', 'ADM TEC REC AUD HOD', 'IV.C.6.a'],
  ['ledger.records', 'ADM AUD', 'IV.C.6.b'],
  ['ledger.mine', everyone, 'IV.C.6.a'],
  ['health', 'SUP ADM TEC AUD HOD', 'IV.B.2.a(3)'],
  ['report', 'ADM AUD HOD', 'II.C'],
  ['hot_lists', 'SUP ADM TEC AUD HOD', 'III.M'],
  ['hot_lists.change', 'SUP ADM', 'III.M'],
];

/** A second factor just now: for exports, exceptions, and what gives, takes or widens access (IV.C.2.a). */
const steppedUp = [
  ...['user.create', 'user.remove', 'user.unfreeze', 'user.reenable', 'user.recover', 'principal.set'],
  ...['designation.grant', 'designation.revoke', 'exception.grant', 'vendor.open_window', 'retention.approve'],
  ...[
    'disclosure.release',
    'system.propose_resume',
    'system.resume',
    'change.approve',
    'clock.confirm',
    'reads.export',
  ],
];

/** Only for who is trained (IV.A.2, IV.E.1), and not while the system is suspended (II.C): what shows plates, or what is done about one. */
const forTheTrained = [
  ...['entry.request', 'entry.create', 'entry.check_cjis', 'entry.review', 'entry.update', 'entry.remove'],
  ...['hit.verify', 'hit.check_status', 'hit.defer', 'hit.record_stop', 'hit.close', 'hit.hand_over'],
  ...['hit.report_conflict', 'hit.override_description', 'search.save', 'search.cosign'],
  ...['reads.search', 'reads.image', 'reads.export', 'case.read'],
  ...['alerts', 'alert.image', 'hits', 'entries', 'cosigns', 'saved_searches'],
];

/** Before a profile is chosen, there is nothing but choosing one, the rules, and what one has done oneself (IV.A.3). */
const open = ['profile.set', 'policy', 'ledger.mine'];

const kinds = [
  ['commands', commands],
  ['accesses', accesses],
  ['views', views],
] as const;
const rowsOf = (rules: Readonly<Record<string, Rule>>) =>
  Object.entries(rules).map(([action, { roles, clause }]) => [action, [...roles].sort().join(' '), clause]);
const sorted = (rows: readonly (readonly (string | undefined)[])[]) => [...rows].map((row) => row.join(' | ')).sort();
const rolesIn = (who: string) => who.split(' ').map((key) => roleOf[key] as Role);

let world: World;
before(async () => {
  world = await staffedWorld(shippedPolicy, hastyDisk);
  const { did } = world;
  const papers = { addendumAtMs: 1, screenedAtMs: 1, expiresAtMs: startMs + 30 * dayMs };
  await did('chief', 'vendor.record', { vendorId: 'v-1', name: 'V', ...papers });
  await did('chief', 'user.create', { userId: 'vnd', name: 'V', kind: 'vendor', vendorId: 'v-1' });
  const until = { fromMs: world.clock.nowMs(), toMs: startMs + dayMs };
  await did('chief', 'designation.grant', { userId: 'vnd', role: 'vendor', scope: 'test', ...until });
  await did('chief', 'vendor.open_window', { userId: 'vnd', ticket: 't-1', ...until });
  await did('vnd', 'profile.set', { categories: [] });
  // Somebody else than `tech`, who trains the others and nobody certifies: the role decides, not the training that is missing.
  await addUser(world, 'tech2', ['technician']);
  await did('tech2', 'profile.set', { categories: [] });
  await train(world, ['tech2', 'vnd']);
});
after(() => world.close());

test('the shipped policy gives each act to whom the text gives it, and knows no other [II.E] [IV.A.2] [IV.A.7.c] [IV.C.1.a] [IV.F.3]', () => {
  for (const [kind, table] of kinds) {
    const written = table.map(([action, who, clause]) => [action, rolesIn(who).sort().join(' '), clause]);
    assert.deepEqual(sorted(rowsOf(shippedPolicy[kind])), sorted(written), kind);
  }
});

test('the shipped policy asks for training, a profile and a fresh second factor where the text does [IV.A.2] [IV.A.3] [IV.C.2.a] [IV.E.1]', () => {
  const rules = Object.entries({ ...shippedPolicy.commands, ...shippedPolicy.accesses, ...shippedPolicy.views });
  const named = (holds: (rule: Rule) => boolean) => rules.filter(([, rule]) => holds(rule)).map(([action]) => action);
  assert.deepEqual(named(({ stepUp }) => stepUp).sort(), [...steppedUp].sort());
  assert.deepEqual(named(({ gate }) => gate === 'use').sort(), [...forTheTrained].sort());
  assert.deepEqual(named(({ gate }) => gate === 'open').sort(), [...open].sort());
});

/** Asks without sense, so that whoever passes the gates does nothing. */
async function ask(kind: (typeof kinds)[number][0], action: string, principal: Principal): Promise<Refusal | null> {
  const { governance } = world;
  if (kind === 'commands') return refusedBy(await governance.execute({ action, input: null }, principal));
  if (kind === 'accesses') return refusedBy(await governance.openAccess(action, null, principal));
  return refusedBy(await governance.look(action, principal));
}

function refusedBy(answer: { ok: true } | { ok: false; error: Refusal }): Refusal | null {
  return answer.ok ? null : answer.error;
}

const people: Readonly<Record<Role, string>> = {
  operator: 'op',
  supervisor: 'sup',
  administrator: 'designee',
  duty_chief: 'duty',
  technician: 'tech2',
  records: 'rec',
  training: 'trn',
  auditor: 'aud',
  vendor: 'vnd',
  department_head: 'head',
  system: 'SYS',
};

test('the running gate answers every role on every act as the table says [II.B] [II.E] [IV.A.2] [IV.C.1.a] [IV.C.3.a]', async () => {
  let cells = 0;
  for (const [kind, table] of kinds) {
    for (const [action, who] of table) {
      for (const role of roleNames) {
        const principal = role === 'system' ? system : world.as(people[role]);
        const refused = await ask(kind, action, principal);
        const answer = refused === null || refused.code === 'INPUT_INVALID' ? 'may' : refused.code;
        assert.equal(answer, rolesIn(who).includes(role) ? 'may' : 'ROLE_REQUIRED', `${role} ${action}`);
        cells += 1;
      }
    }
  }
  assert.equal(cells, (commands.length + accesses.length + views.length) * roleNames.length);
});
