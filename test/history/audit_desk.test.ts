import { strict as assert } from 'node:assert';
import { type AuditDesk, openAuditDesk } from '../../src/history/audit_desk.js';
import { silentLog } from '../../src/observe/log.js';
import { goodReason, must } from '../policy/world.js';
import { suite } from '../support/suite.js';
import { type HistoryWorld, historyWorld } from './world.js';

const { test, before, after } = suite('audit desk');
let world: HistoryWorld;
let desk: AuditDesk;
const ask = (userId: string, criteria: object, caseNo: string | null = '26-0001') =>
  world.history.search(world.as(userId), {
    reason: { ...goodReason, caseNo },
    criteria: { kind: 'reads', ...criteria },
  });

before(async () => {
  world = await historyWorld();
  must(await ask('op', { plate: 'WANT777' }));
  must(await ask('op2', { wildcard: 'WANT*' }, '26-0002'));
  must(await ask('op2', { plate: 'OTHER11' }));
  must(await ask('sup', { plates: ['OTHER22', 'WANT777'] }));
  assert.ok(!(await ask('op', { plate: 'WANT777' }, null)).ok, 'no case number');
  desk = await openAuditDesk(world.ledger, world.store.audit, silentLog);
});
after(async () => {
  await desk.close();
  await world.close();
});

test('who looked at this plate: by name, by pattern, in a list, and who was refused; with reason and number of rows [IV.C.6.a] [III.G]', async () => {
  const looks = await desk.looks({ plate: 'WANT777', limit: 10 });
  assert.deepEqual(
    looks.map((look) => [look.actor_id, look.plates.join(' '), look.decision, look.code, look.outcome_rows]),
    [
      ['op', 'WANT777', 'refuse', 'CASE_NUMBER_REQUIRED', -1],
      ['sup', 'OTHER22 WANT777', 'allow', '', 0],
      ['op2', 'WANT*', 'allow', '', 0],
      ['op', 'WANT777', 'allow', '', 0],
    ],
  );
  assert.equal(looks.at(-1)?.case_no, '26-0001');
  assert.equal(looks.at(-1)?.facts, goodReason.facts);
  const byUser = await desk.looks({ user: 'op2', limit: 10 });
  assert.deepEqual(
    byUser.map((look) => look.plates.join()),
    ['OTHER11', 'WANT*'],
  );
  assert.equal((await desk.looks({ caseNo: '26-0002', limit: 10 })).length, 1);
  const [newest] = await desk.looks({ plate: 'WANT777', limit: 1 });
  assert.equal((await desk.looks({ plate: 'WANT777', limit: 10, before: newest?.seq })).length, 3);
});

test("an auditor's payload is a value, not a query [T4]", async () => {
  for (const payload of ["' OR 1=1 --", '{plate:String}', '%', "x'); DROP TABLE platestream.audit_log; --"]) {
    const looks = await desk.looks({ plate: payload, user: payload, caseNo: payload, limit: 5 });
    assert.deepEqual(looks, []);
  }
  assert.equal((await desk.looks({ user: 'op2', limit: 10 })).length, 2);
});

test('the projection equals the ledger; one altered or missing row is seen, and it is made anew from the ledger [IV.C.6.b] [III.G]', async () => {
  const first = await desk.compare();
  assert.deepEqual([first.whole, first.records], [true, world.ledger.size]);
  const [row] = await world.store.audit.rows(0, 1);
  assert.ok(row);
  await world.store.audit.append([{ ...row, actor_id: 'somebody' }]);
  const altered = await desk.compare();
  assert.equal(altered.whole, false);
  assert.notEqual(altered.ledgerSha256, altered.projectionSha256);
  assert.equal((await desk.compare()).whole, true, 'made anew');
  await world.store.audit.clear();
  assert.equal((await desk.compare()).whole, false, 'an empty projection is no projection');
  assert.equal((await desk.looks({ plate: 'WANT777', limit: 10 })).length, 4);
});
