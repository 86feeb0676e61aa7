import { strict as assert } from 'node:assert';
import { commands, unruled } from '../../src/policy/commands.js';
import { parsePolicy, type Role, type Rule, roleNames } from '../../src/policy/policy_file.js';
import type { PersonPrincipal } from '../../src/policy/principal.js';
import { suite } from '../support/suite.js';
import {
  addUser,
  dayMs,
  goodReason,
  minuteMs,
  must,
  newWorld,
  shippedPolicy,
  staffedWorld,
  system,
  train,
  type World,
} from './world.js';

const { test, before, after } = suite('gates (T1)');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

/** An account as it can be: which of the things that must hold do not. */
interface Account {
  readonly expired: boolean;
  readonly frozen: boolean;
  readonly mfa: boolean;
  readonly fresh: boolean;
  readonly role: Role | null;
  readonly trained: boolean;
  readonly profile: boolean;
}

/** What the policy file says about this account and this rule, in other words than the program's. */
function expected(account: Account, rule: Rule): string {
  if (account.expired) return 'SESSION_EXPIRED';
  if (account.frozen) return 'ACCOUNT_LOCKED';
  if (!account.mfa || (rule.stepUp && !account.fresh)) return 'MFA_REQUIRED';
  if (account.role === null) return 'NOT_DESIGNATED';
  if (rule.gate === 'use' && !account.trained) return 'TRAINING_MISSING';
  if (rule.gate !== 'open' && !account.profile) return 'PROFILE_REQUIRED';
  return rule.roles.includes(account.role) ? 'allowed' : 'ROLE_REQUIRED';
}

const roles = roleNames.filter((role) => role !== 'system' && role !== 'vendor');

test('every command and access x every role x 96 account states answers as the policy file says [II.E] [IV.A.2] [IV.A.3] [IV.C.1.a] [IV.C.2.a]', async () => {
  const one = await newWorld();
  await addUser(one, 'tech', ['technician']);
  await one.did('tech', 'profile.set', { categories: [] });
  const people = new Map<string, { role: Role | null; trained: boolean; profile: boolean; frozen: boolean }>();
  for (const role of [...roles, null]) {
    for (const bits of [0, 1, 2, 3, 4, 5, 6, 7]) {
      const userId = `u-${(role ?? 'none').replaceAll('_', '-')}-${bits}`;
      people.set(userId, { role, trained: (bits & 1) > 0, profile: (bits & 2) > 0, frozen: (bits & 4) > 0 });
    }
  }
  for (const [userId, { role }] of people) await addUser(one, userId, role === null ? [] : [role]);
  for (const [userId, { role, profile }] of people)
    if (profile && role) await one.did(userId, 'profile.set', { categories: [] });
  await train(
    one,
    [...people].filter(([, p]) => p.trained).map(([userId]) => userId),
  );
  for (const [userId, { frozen }] of people) if (frozen) await one.did('chief', 'user.freeze', { userId, why: 'test' });
  let cells = 0;
  const rules = { ...shippedPolicy.commands, ...shippedPolicy.accesses };
  for (const [action, rule] of Object.entries(rules)) {
    for (const [userId, person] of people) {
      for (const [expired, mfa, fresh] of [
        [false, true, true],
        [false, true, false],
        [false, false, false],
        [true, true, true],
      ] as const) {
        const principal: PersonPrincipal = {
          ...one.as(userId),
          mfa,
          expiresAtMs: expired ? 0 : Number.MAX_SAFE_INTEGER,
          steppedUpAtMs: fresh ? one.clock.nowMs() : null,
        };
        const answer = one.governance.authorise(principal, rule);
        const account = { ...person, profile: person.profile && person.role !== null, expired, mfa, fresh };
        assert.equal(answer.ok ? 'allowed' : answer.error.code, expected(account, rule), `${action} ${userId}`);
        cells += 1;
      }
    }
  }
  assert.ok(cells > 25_000, `${cells} cells`);
  await one.close();
});

test('the gates answer through execute, and every refusal is in the ledger with code and clause [IV.C.6.a]', async () => {
  const refusal = await world.refused('op', 'user.create', { userId: 'x1', name: 'X' });
  let found = '';
  world.ledger.replay(refusal.sequence as number, (record) => {
    found = `${record.decision} ${record.code} ${record.clause}`;
    return false;
  });
  assert.equal(found, 'refuse ROLE_REQUIRED II.E');
});

test('a command without a rule and a rule without a command do not load [II.E]', () => {
  assert.equal(unruled(shippedPolicy), null);
  const { 'user.freeze': _gone, ...fewer } = shippedPolicy.commands;
  assert.match(unruled({ ...shippedPolicy, commands: fewer }) ?? '', /user.freeze has no rule/);
  const more = { ...shippedPolicy.commands, 'door.open': shippedPolicy.commands['user.freeze'] as Rule };
  assert.match(unruled({ ...shippedPolicy, commands: more }) ?? '', /door.open does not exist/);
});

test('an unknown command, and names that every object has, are refused [II.E]', async () => {
  for (const action of ['no.such', 'constructor', '__proto__', 'toString']) {
    assert.equal((await world.refused('chief', action)).code, 'NOT_FOUND');
    const access = await world.governance.openAccess(action, {}, world.as('chief'));
    assert.ok(!access.ok && access.error.status === 404);
  }
});

test('bad input to any command is refused with the field, never thrown', async () => {
  const bad = [null, [], 'x', 7, { unknown: true }, { userId: '__proto__' }, { hitId: 'x'.repeat(10_000) }];
  for (const [action, { roles: may }] of Object.entries(shippedPolicy.commands)) {
    const person =
      may.includes('system') && may.length === 1
        ? null
        : [
            ...Object.entries({
              chief: 'administrator',
              op: 'operator',
              sup: 'supervisor',
              tech: 'technician',
              rec: 'records',
              aud: 'auditor',
              head: 'department_head',
              trn: 'training',
            }),
          ].find(([, role]) => may.includes(role as Role))?.[0];
    for (const input of bad) {
      const answer = await world.governance.execute({ action, input }, person ? world.as(person) : system);
      assert.ok(!answer.ok && answer.error.sequence !== null, `${action} took ${JSON.stringify(input)?.slice(0, 40)}`);
    }
  }
  assert.ok(commands.size > 60);
});

test('administrators pass the same gates and have no way around them [II.B]', async () => {
  const { governance } = world;
  for (const action of [
    'entry.create',
    'hit.verify',
    'camera.put_in',
    'hold.release',
    'disclosure.release',
    'audit.sample',
  ]) {
    assert.equal((await world.refused('chief', action)).code, 'ROLE_REQUIRED', action);
  }
  const search = {
    reason: { ...goodReason, facts: 'investigation' },
    plate: 'TST1234',
    cameras: ['c'],
    fromMs: 1,
    toMs: 2,
    rows: 1,
  };
  const answer = await governance.openAccess('reads.search', search, world.as('chief'));
  assert.ok(!answer.ok && answer.error.code === 'REASON_INSUFFICIENT');
});

test('an operator is designated, trained and employed; losing one ends access at once [III.C] [IV.C.1.a]', async () => {
  const one = await staffedWorld();
  const rule = shippedPolicy.accesses['reads.search'] as Rule;
  const code = (userId: string) => {
    const answer = one.governance.authorise(one.as(userId), rule);
    return answer.ok ? 'allowed' : answer.error.code;
  };
  assert.deepEqual([code('op'), code('op2'), code('sup')], ['allowed', 'allowed', 'allowed']);
  const own = [...one.governance.state().designations.values()].find((d) => d.userId === 'op');
  await one.did('chief', 'designation.revoke', { designationId: own?.designationId, why: 'left the unit' });
  await one.did('chief', 'user.remove', { userId: 'op2', why: 'left the department' });
  assert.deepEqual([code('op'), code('op2')], ['NOT_DESIGNATED', 'NOT_DESIGNATED']);
  one.clock.advance(366 * dayMs);
  assert.equal(code('sup'), 'NOT_DESIGNATED');
  await one.close();
});

test('an account unused for 90 days is off until an administrator re-enables it [II.E]', async () => {
  const one = await staffedWorld();
  one.clock.advance(90 * dayMs - minuteMs);
  assert.ok((await one.governance.execute({ action: 'ticket.open', input: { text: 'still here' } }, one.as('op'))).ok);
  must(
    await one.governance.note({
      action: 'session.open',
      actor_id: 'chief',
      actor_name: 'Chief',
      roles: [],
      decision: 'allow',
    }),
  );
  one.clock.advance(2 * minuteMs);
  const off = await one.refused('op', 'ticket.open', { text: 'too late' });
  assert.deepEqual([off.code, off.clause], ['NOT_DESIGNATED', 'II.E']);
  await one.did('chief', 'user.reenable', { userId: 'op', why: 'back from leave' });
  await one.did('op', 'ticket.open', { text: 'here again' });
  await one.close();
});

test('a clock set back revives nothing that has ended [IV.A.2] (T15)', async () => {
  const one = await staffedWorld();
  await one.did('chief', 'user.create', { userId: 'temp', name: 'Temp' });
  await one.did('chief', 'designation.grant', {
    userId: 'temp',
    role: 'operator',
    scope: 's',
    toMs: one.clock.nowMs() + minuteMs,
  });
  await one.did('temp', 'profile.set', { categories: [] });
  one.clock.advance(minuteMs + 1000);
  await one.refused('temp', 'ticket.open', { text: 'x' });
  one.clock.jump(-10 * minuteMs);
  assert.equal((await one.refused('temp', 'ticket.open', { text: 'x' })).code, 'NOT_DESIGNATED');
  await one.close();
});

test('frozen means frozen on the next request [II.pre]', async () => {
  await world.did('aud', 'user.freeze', { userId: 'duty', why: 'looked up a neighbour' });
  assert.equal((await world.refused('duty', 'ticket.open', { text: 'x' })).code, 'ACCOUNT_LOCKED');
  await world.did('chief', 'user.unfreeze', { userId: 'duty', why: 'cleared' });
  await world.did('duty', 'ticket.open', { text: 'x' });
});

test('a policy file that cites nothing, contradicts itself or is out of range does not load [IV.F.1]', () => {
  const { sha256: _digest, ...plain } = shippedPolicy;
  assert.ok(parsePolicy(JSON.stringify(plain), 'p.yaml').ok);
  const change = (edit: object) => {
    const parsed = parsePolicy(JSON.stringify({ ...plain, ...edit }), 'p.yaml');
    return parsed.ok ? 'loaded' : parsed.error;
  };
  assert.match(change({ numbers: { ...plain.numbers, retentionDays: 31 } }), /retentionDays/);
  assert.match(change({ numbers: { ...plain.numbers, retentionDaysMin: 14 } }), /retentionDaysMin/);
  assert.match(change({ clauses: plain.clauses.slice(1, 10) }), /not listed under clauses/);
  assert.match(change({ categories: { ...plain.categories, byHand: ['cpic'] } }), /cpic is not an authorised category/);
});

test('a view that the policy file does not name shows nothing, to nobody [II.E]', async () => {
  for (const view of ['everything', 'constructor']) {
    const refused = await world.governance.look(view, world.as('chief'));
    assert.ok(!refused.ok && refused.error.code === 'NOT_FOUND' && refused.error.sequence !== null, view);
  }
});
