import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { packagePath } from '../../src/package_root.js';
import { drawSample } from '../../src/policy/areas/audits.js';
import { heldReads } from '../../src/policy/areas/retention.js';
import type { Rule } from '../../src/policy/policy_file.js';
import { transparencyReport } from '../../src/policy/transparency.js';
import { suite } from '../support/suite.js';
import { addUser, dayMs, digest, hourMs, minuteMs, shippedPolicy, staffedWorld, startMs, type World } from './world.js';

const program = packagePath('bin', 'platestream.js');
const { test, before, after } = suite('keeping, telling, auditing');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

test('retention is between 15 and 30 whole days, whatever is asked [IV.F.1]', async () => {
  const bad = [13, 14, 31, 0, -1, 29.5, Number.NaN, Number.POSITIVE_INFINITY, '20', null];
  for (const days of bad) {
    const { code } = await world.refused('rec', 'retention.propose', { days, why: 'w' });
    assert.ok(['RETENTION_OUT_OF_RANGE', 'INPUT_INVALID'].includes(code), `${days}: ${code}`);
  }
  for (const days of [15, 30]) await world.did('rec', 'retention.propose', { days, why: 'w' });
});

test('administrator and records unit change retention together, neither alone [IV.F.3] [IV.F.1]', async () => {
  const proposed = await world.did('rec', 'retention.propose', { days: 20, why: 'less is enough' });
  const approve = { proposalId: proposed.id('retention') };
  assert.equal((await world.refused('rec', 'retention.approve', approve)).code, 'SELF_APPROVAL');
  assert.equal((await world.refused('op', 'retention.approve', approve)).code, 'ROLE_REQUIRED');
  assert.equal(world.governance.retentionDays(), 29);
  await world.did('chief', 'retention.approve', approve);
  assert.equal(world.governance.retentionDays(), 20);
});

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

test('over generated days nothing younger than the setting is dropped, and never under 14 days [IV.F.1]', async () => {
  const one = await staffedWorld();
  one.clock.advance(40 * dayMs);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -5, max: 60 }), async (ageDays) => {
      const input = { day: dayOf(one.clock.nowMs() - ageDays * dayMs), rows: 5, partitionsDue: 1 };
      const answer = await one.governance.execute(
        { action: 'retention.drop', input },
        { kind: 'system', process: 'retention' },
      );
      assert.equal(answer.ok, ageDays >= 29, `${ageDays} days`);
    }),
    { numRuns: 80 },
  );
  await one.close();
});

for (const jumpMs of [6 * minuteMs, -6 * minuteMs, 400 * dayMs]) {
  test(`a clock that jumps by ${jumpMs / minuteMs} minutes deletes nothing until a person confirms it [IV.F.1] (T15)`, async () => {
    const one = await staffedWorld();
    const drop = () => ({ day: dayOf(one.clock.nowMs() - 35 * dayMs), rows: 5, partitionsDue: 1 });
    await one.did('SYS', 'retention.drop', drop());
    one.clock.jump(jumpMs);
    const refused = await one.refused('SYS', 'retention.drop', drop());
    assert.equal(refused.code, 'RETENTION_MINIMUM');
    assert.match(refused.sentence, /clock has jumped/);
    if (jumpMs < dayMs) {
      await one.did('chief', 'clock.confirm', { why: 'compared with two other clocks' });
      await one.did('SYS', 'retention.drop', drop());
    }
    await one.close();
  });
}

test('more days due at once than normal looks like a wrong clock and deletes nothing [IV.F.1]', async () => {
  const input = { day: dayOf(startMs - 60 * dayMs), rows: 5, partitionsDue: 3 };
  assert.equal((await world.refused('SYS', 'retention.drop', input)).code, 'RETENTION_MINIMUM');
});

test('bulk data is kept by a vendor with current papers, never by the department [IV.F.1] [IV.C.3.a]', async () => {
  for (const vendorId of ['department', 'nobody']) {
    assert.equal((await world.refused('chief', 'custodian.set', { vendorId })).code, 'VENDOR_NOT_COMPLIANT');
  }
  const papers = {
    vendorId: 'lpr-vendor',
    name: 'Vendor',
    addendumAtMs: startMs - dayMs,
    screenedAtMs: startMs - dayMs,
  };
  assert.equal(
    (await world.refused('chief', 'vendor.record', { ...papers, expiresAtMs: startMs })).code,
    'VENDOR_NOT_COMPLIANT',
  );
  await world.did('chief', 'vendor.record', { ...papers, expiresAtMs: startMs + 100 * dayMs });
  assert.equal(world.governance.keepingRefusal()?.code, 'VENDOR_NOT_COMPLIANT');
  await world.did('chief', 'custodian.set', { vendorId: 'lpr-vendor' });
  assert.equal(world.governance.keepingRefusal(), null);
  await world.did('chief', 'vendor.record', { ...papers, expiresAtMs: world.clock.nowMs() + 1 });
  world.clock.advance(1);
  assert.equal(world.governance.keepingRefusal()?.code, 'VENDOR_NOT_COMPLIANT', 'its papers have run out');
});

test('a vendor works only in an opened window of at most 72 hours, and reaches nothing of ours [IV.C.3.a]', async () => {
  const one = await staffedWorld();
  const now = startMs;
  await one.did('chief', 'vendor.record', {
    vendorId: 'v1',
    name: 'V',
    addendumAtMs: 0,
    screenedAtMs: 0,
    expiresAtMs: now + 9 * dayMs,
  });
  await one.did('chief', 'user.create', { userId: 'vic', name: 'Vic', kind: 'vendor', vendorId: 'v1' });
  const operator = { userId: 'vic', role: 'operator', scope: 's', toMs: now + dayMs };
  assert.equal((await one.refused('chief', 'designation.grant', operator)).code, 'VENDOR_NOT_COMPLIANT');
  await one.did('chief', 'designation.grant', { ...operator, role: 'vendor', toMs: now + 90 * dayMs });
  assert.equal((await one.refused('vic', 'profile.set', { categories: [] })).code, 'VENDOR_NOT_COMPLIANT');
  const window = { userId: 'vic', ticket: 'T-1', fromMs: now };
  assert.equal(
    (await one.refused('chief', 'vendor.open_window', { ...window, toMs: now + 73 * hourMs })).code,
    'EXPIRY_REQUIRED',
  );
  await one.did('chief', 'vendor.open_window', { ...window, toMs: now + 72 * hourMs });
  await one.did('vic', 'profile.set', { categories: [] });
  let allowed = 0;
  for (const [action, rule] of Object.entries({ ...shippedPolicy.commands, ...shippedPolicy.accesses })) {
    if (one.governance.authorise(one.as('vic'), rule).ok) allowed += 1;
    else continue;
    assert.ok(['profile.set', 'ticket.open'].includes(action), action);
  }
  assert.equal(allowed, 2);
  one.clock.advance(72 * hourMs);
  assert.equal((await one.refused('vic', 'ticket.open', { text: 'x' })).code, 'VENDOR_NOT_COMPLIANT');
  await one.close();
});

test('case data is held until the records unit records the final disposition, then disposed of [IV.F.2] [IV.F.3]', async () => {
  const hold = { caseNo: '26-0500', certificateSha256: digest('e') };
  await world.did('op', 'hold.open', { caseNo: '26-0500', readIds: ['read-1', 'read-2'], why: 'robbery' });
  assert.equal((await world.refused('rec', 'hold.dispose', hold)).code, 'LEGAL_HOLD');
  assert.equal((await world.refused('SYS', 'hold.dispose', hold)).code, 'LEGAL_HOLD');
  assert.ok(heldReads(world.governance.state()).has('read-1'));
  assert.equal(
    (await world.refused('op', 'hold.release', { caseNo: '26-0500', disposition: 'x' })).code,
    'ROLE_REQUIRED',
  );
  await world.did('rec', 'hold.release', { caseNo: '26-0500', disposition: 'closed by plea' });
  const more = { caseNo: '26-0500', readIds: ['read-3'], why: 'robbery' };
  assert.equal((await world.refused('op', 'hold.open', more)).code, 'WRONG_STATE', 'the case is over');
  world.clock.advance(25 * hourMs);
  assert.ok(world.governance.dutiesDue().some((duty) => duty.clause === 'IV.F.2'));
  await world.did('SYS', 'hold.dispose', hold);
  assert.ok(!heldReads(world.governance.state()).has('read-1'));
});

test('a disclosure needs a docket, a served process or an agreement, and only the records unit makes one [IV.D.3] [IV.D.2] [IV.D.1]', async () => {
  await world.did('op', 'hold.open', { caseNo: '26-0600', readIds: ['read-9'], why: 'case' });
  const base = {
    recipient: 'District Attorney',
    caseNo: '26-0600',
    purpose: 'mandatory discovery',
    packageSha256: digest('f'),
  };
  const process = {
    documentSha256: digest('1'),
    issuer: 'Superior Court',
    issuedAtMs: startMs,
    scope: 'one vehicle, two days',
  };
  assert.equal(
    (await world.refused('rec', 'disclosure.release', { ...base, kind: 'da_discovery' })).code,
    'LEGAL_PROCESS_REQUIRED',
  );
  assert.equal(
    (await world.refused('rec', 'disclosure.release', { ...base, kind: 'subpoena' })).code,
    'LEGAL_PROCESS_REQUIRED',
  );
  assert.equal(
    (await world.refused('rec', 'disclosure.release', { ...base, kind: 'agency', agencyId: 'other-pd' })).code,
    'MOU_REQUIRED',
  );
  const docket = { ...base, kind: 'da_discovery', docketNo: '2581CR0001' };
  for (const who of ['chief', 'op', 'sup', 'tech', 'aud'])
    assert.equal((await world.refused(who, 'disclosure.release', docket)).code, 'ROLE_REQUIRED');
  assert.equal((await world.refused('rec', 'disclosure.release', { ...docket, caseNo: '26-9999' })).code, 'NOT_FOUND');
  await world.did('rec', 'disclosure.release', docket);
  await world.did('rec', 'disclosure.release', { ...base, kind: 'subpoena', process });
});

test('an agency is given case data under a live agreement that covers it, the state agency without one [IV.D.2] [III.J]', async () => {
  await world.did('op', 'hold.open', { caseNo: '26-0700', readIds: ['read-9'], why: 'case' });
  for (const [agencyId, kind] of [
    ['near-pd', 'agency'],
    ['state', 'dcjis'],
  ])
    await world.did('chief', 'agency.register', { agencyId, name: 'Agency', kind });
  const given = {
    kind: 'agency',
    recipient: 'Detective',
    caseNo: '26-0700',
    purpose: 'joint case',
    packageSha256: digest('f'),
  };
  const nowMs = world.clock.nowMs();
  const mou = { agencyId: 'near-pd', documentSha256: digest('1'), fromMs: nowMs, toMs: nowMs + dayMs };
  const codeOf = async (agencyId: string) =>
    (await world.refused('rec', 'disclosure.release', { ...given, agencyId })).code;
  await world.did('chief', 'mou.record', { ...mou, scope: ['alerts'] });
  assert.equal(await codeOf('near-pd'), 'MOU_REQUIRED', 'for alerts only');
  await world.did('chief', 'mou.record', { ...mou, scope: ['alerts', 'case_data'] });
  for (const agencyId of ['near-pd', 'state']) await world.did('rec', 'disclosure.release', { ...given, agencyId });
  world.clock.advance(dayMs);
  assert.equal(await codeOf('near-pd'), 'MOU_REQUIRED', 'it has ended');
});

test('anybody can draw the sample of an audit again from its published seed [IV.C.6.b]', async () => {
  await world.ledger.checkpoint();
  const audit = await world.did('chief', 'audit.open', { auditor: 'aud' });
  const auditId = audit.id('audit');
  const drawn = (await world.did('aud', 'audit.sample', { auditId })).record.effect as {
    sample: number[];
    size: number;
  };
  const { seed } = audit.record.effect as { seed: string };
  assert.match(seed, /^[0-9a-f]{64}$/);
  assert.deepEqual(drawn.sample, drawSample(seed, drawn.size, shippedPolicy.numbers.auditSample));
  assert.notDeepEqual(drawn.sample, drawSample(digest('0'), drawn.size, shippedPolicy.numbers.auditSample));
  assert.equal((await world.refused('aud', 'audit.sample', { auditId })).code, 'WRONG_STATE', 'drawn once');
  assert.ok(drawn.size < audit.sequence, 'of what there was before anybody knew of the audit');
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'ledger', 'sample', world.dir, '--json']);
  const [again] = JSON.parse(stdout) as { auditId: string; same: boolean; checkpoint: number }[];
  assert.deepEqual([again?.auditId, again?.same], [auditId, true]);
  assert.ok((again?.checkpoint ?? 0) > 0, 'its seed is the root of a signed checkpoint');
  const finding = await world.did('aud', 'audit.find', { auditId, text: 'a reason says little' });
  assert.equal((await world.refused('aud', 'audit.close', { auditId, conclusion: 'done' })).code, 'WRONG_STATE');
  await world.did('chief', 'audit.answer', {
    auditId,
    findingId: finding.id('finding'),
    answer: 'talked to the officer',
  });
  await world.did('aud', 'audit.close', { auditId, conclusion: 'good' });
});

test('an audit belongs to the auditor it was given to [IV.C.6.b]', async () => {
  await addUser(world, 'aud2', ['auditor']);
  await world.did('aud2', 'profile.set', { categories: [] });
  const auditId = (await world.did('chief', 'audit.open', { auditor: 'aud' })).id('audit');
  assert.equal((await world.refused('aud2', 'audit.sample', { auditId })).code, 'NOT_FOUND');
  assert.equal((await world.refused('chief', 'audit.sample', { auditId })).code, 'ROLE_REQUIRED');
  assert.equal((await world.refused('chief', 'audit.open', { auditor: 'op' })).code, 'ROLE_REQUIRED');
});

test('misuse is flagged, closed by the administrator, never about oneself [IV.B.1.a(4)] [II.pre]', async () => {
  const flag = await world.did('aud', 'misuse.flag', {
    userId: 'chief',
    pattern: 'repeat_target',
    text: 'one plate, nine times',
  });
  const close = { misuseId: flag.id('misuse'), finding: 'explained' };
  assert.equal((await world.refused('chief', 'misuse.close', close)).code, 'SELF_APPROVAL');
  await world.did('designee', 'misuse.close', close);
});

test('destructive maintenance takes administrator and records unit, within a day [IV.B.1.a(8)]', async () => {
  const change = async () =>
    (await world.did('chief', 'change.request', { what: 'restore the read store' })).id('change');
  const first = await change();
  assert.equal((await world.refused('chief', 'change.approve', { changeId: first })).code, 'SELF_APPROVAL');
  assert.equal((await world.refused('designee', 'change.approve', { changeId: first })).code, 'SELF_APPROVAL');
  await world.did('rec', 'change.approve', { changeId: first });
  const late = await change();
  world.clock.advance(24 * hourMs + 1);
  assert.equal((await world.refused('rec', 'change.approve', { changeId: late })).code, 'EXPIRY_REQUIRED');
});

test('a technician asks for neither destructive maintenance nor other retention, whatever the policy file lets them ask [IV.B.1.a(8)] [IV.F.3]', async () => {
  const asking = { 'change.request': { what: 'restore' }, 'retention.propose': { days: 20, why: 'w' } };
  const commands = { ...shippedPolicy.commands };
  for (const action of Object.keys(asking)) {
    const rule = commands[action] as Rule;
    commands[action] = { ...rule, roles: [...rule.roles, 'technician'] };
  }
  const one = await staffedWorld({ ...shippedPolicy, commands });
  for (const [action, input] of Object.entries(asking)) {
    assert.equal((await one.refused('tech', action, input)).code, 'ROLE_REQUIRED', action);
    for (const who of ['rec', 'designee']) await one.did(who, action, input);
  }
  await one.close();
});

test('recommendations go to the department head, who answers them [IV.B.1.a(6)]', async () => {
  const made = await world.did('chief', 'policy.recommend', { text: 'shorten retention' });
  const answer = { recommendationId: made.id('recommendation'), disposition: 'accepted' };
  assert.equal((await world.refused('chief', 'policy.dispose', answer)).code, 'ROLE_REQUIRED');
  await world.did('head', 'policy.dispose', answer);
});

test('protocols are named by the policy, by digest, with the standard they follow [IV.B.1.a(1)] [IV.B.fn1]', async () => {
  const missing = () => world.governance.dutiesDue().filter((duty) => duty.clause === 'IV.B.1.a(1)').length;
  assert.equal(missing(), 5);
  const protocol = { kind: 'access', documentSha256: digest('2'), refs: ['41.3.9 (d)'] };
  assert.equal(
    (await world.refused('chief', 'protocol.approve', { ...protocol, kind: 'poetry' })).code,
    'INPUT_INVALID',
  );
  assert.equal((await world.refused('chief', 'protocol.approve', { ...protocol, refs: [] })).clause, 'IV.B.fn1');
  await world.did('chief', 'protocol.approve', protocol);
  assert.equal(missing(), 4);
});

test('the yearly review and the quarterly audit become duties when late [IV.G.1] [IV.B.1.a(5)]', async () => {
  const one = await staffedWorld();
  const due = (clause: string) => one.governance.dutiesDue().some((duty) => duty.clause === clause);
  one.clock.advance(92 * dayMs);
  assert.equal(due('IV.B.1.a(5)'), false);
  one.clock.advance(dayMs);
  assert.equal(due('IV.B.1.a(5)'), true);
  one.clock.advance(272 * dayMs);
  assert.equal(due('IV.G.1'), false);
  one.clock.advance(dayMs);
  assert.equal(due('IV.G.1'), true);
  await one.close();
});

test('the transparency report counts what the ledger holds, and names neither plate nor person [II.C] [IV.G.1]', () => {
  const report = transparencyReport(world.governance.state(), '2026');
  const refused = Object.values(report.refusals).reduce((sum, count) => sum + count, 0);
  let inLedger = 0;
  world.ledger.replay(1, (record) => {
    if (record.decision === 'refuse' && record.ts_utc.startsWith('2026')) inLedger += 1;
    return true;
  });
  assert.equal(refused, inLedger);
  assert.equal(report.disclosures['subpoena'], 1);
  const inRecords = (action: string) => {
    let times = 0;
    world.ledger.replay(1, (record) => {
      if (record.action === action && record.decision === 'allow') times += 1;
      return true;
    });
    return times;
  };
  assert.equal(report.audits.opened, inRecords('audit.open'));
  assert.equal(report.audits.closed, inRecords('audit.close'));
  assert.equal(report.audits.findings, inRecords('audit.find'));
  assert.equal(report.incidents.suspectedMisuse, inRecords('misuse.flag'));
  assert.equal(report.incidents.suspensions, inRecords('system.suspend'));
  assert.equal(report.legalItems, inRecords('legal.record'));
  assert.ok(report.audits.opened > 0 && report.audits.closed > 0, 'the numbers are not all nought');
  assert.equal(transparencyReport(world.governance.state(), '2025').searches, 0);
  assert.doesNotMatch(JSON.stringify(report), /TST|chief|op2/);
});

test('`policy report` prints the same numbers from the ledger alone, beside a running program; as JSON and for people [IV.G.1]', async () => {
  const printed = async (...more: string[]) =>
    (await promisify(execFile)(process.execPath, [program, 'policy', 'report', '2026', world.dir, ...more])).stdout;
  const packet = JSON.parse(await printed('--json')) as { report: unknown; legalItems: unknown[] };
  const report = transparencyReport(world.governance.state(), '2026');
  assert.deepEqual(packet.report, JSON.parse(JSON.stringify(report)));
  const text = await printed();
  assert.match(text, /^# Annual review 2026: policy 41-12/);
  assert.ok(text.includes(`| findings | ${report.audits.findings} |`), text);
});
