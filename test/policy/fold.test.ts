import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { packagePath } from '../../src/package_root.js';
import { proofOf } from '../../src/policy/clauses.js';
import type { JournalRecord } from '../../src/policy/journal.js';
import { parsePolicy } from '../../src/policy/policy_file.js';
import { replayUnder } from '../../src/policy/replay.js';
import { digestOfState, restoreState, takeSnapshot } from '../../src/policy/snapshot.js';
import { suite } from '../support/suite.js';
import { addUser, dayMs, newWorld, shippedPolicy, staffedWorld, type World } from './world.js';

const { test } = suite('the fold');

/** Something or other that the department does; refused or not, it is in the ledger. */
async function doSomething(world: World, choice: number): Promise<void> {
  const run = (userId: string, action: string, input: unknown) =>
    world.governance.execute({ action, input }, world.as(userId));
  const user = `u${choice % 5}`;
  const acts = [
    () => run('chief', 'user.create', { userId: user, name: 'U' }),
    () => run('chief', 'designation.grant', { userId: user, role: 'operator', scope: 's' }),
    () => run(user, 'profile.set', { categories: ['warrant'] }),
    () => run('chief', 'user.freeze', { userId: user, why: 'w' }),
    () => run('chief', 'user.unfreeze', { userId: user, why: 'w' }),
    () => run('chief', 'user.remove', { userId: user, why: 'w' }),
    () => run('chief', 'legal.record', { title: 't', impact: choice % 2 === 0 }),
    () => run('chief', 'audit.open', { auditor: user }),
    () => run(user, 'ticket.open', { text: 'help' }),
    () => run('chief', 'system.suspend', { orderNo: 'O-1', why: 'w' }),
  ];
  await acts[choice % acts.length]?.();
  world.clock.advance((choice % 7) * 1000);
}

test('over generated histories snapshot + tail = full fold = the live state [IV.C.6.a]', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(999), { maxLength: 30 }),
      fc.array(fc.nat(999), { maxLength: 10 }),
      async (first, then) => {
        const world = await newWorld();
        const file = join(world.dir, 'snapshot.json');
        for (const choice of first) await doSomething(world, choice);
        assert.equal(await takeSnapshot(file, world.governance.state(), world.ledger), true);
        for (const choice of then) await doSomething(world, choice);
        const full = digestOfState(restoreState(join(world.dir, 'none.json'), world.ledger));
        const restored = digestOfState(restoreState(file, world.ledger));
        await world.close();
        assert.equal(restored, full);
        assert.equal(digestOfState(world.governance.state()), full);
      },
    ),
    { numRuns: 25 },
  ));

test('what the policy file says enforces a clause is there [II.B]', () => {
  for (const { id, enforcedBy } of shippedPolicy.clauses)
    for (const name of enforcedBy) {
      const place = packagePath('src', ...name.split('/'));
      assert.ok(existsSync(`${place}.ts`) || existsSync(place), `${id}: src/${name}`);
    }
});

test('a snapshot that somebody edited is not believed [IV.C.1.a]', async () => {
  const world = await newWorld();
  await addUser(world, 'op', ['operator']);
  const file = join(world.dir, 'snapshot.json');
  await takeSnapshot(file, world.governance.state(), world.ledger);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"principalUserId":"chief"', '"principalUserId":"op"'));
  assert.equal(restoreState(file, world.ledger).principalUserId, 'chief');
  writeFileSync(file, '{broken');
  assert.equal(restoreState(file, world.ledger).principalUserId, 'chief');
  await world.close();
});

test('a policy change shows which past decisions would have come out differently', async () => {
  const world = await staffedWorld();
  await world.did('rec', 'retention.propose', { days: 30, why: 'as long as allowed' });
  await world.refused('op', 'camera.put_in', { cameraId: 'x' });
  const records: JournalRecord[] = [];
  world.ledger.replay(1, (record) => {
    records.push(record);
    return true;
  });
  await world.close();
  const shorter = { ...shippedPolicy, numbers: { ...shippedPolicy.numbers, retentionDaysMax: 20, retentionDays: 20 } };
  assert.deepEqual(replayUnder(shippedPolicy, shippedPolicy, records).differences, []);
  const { decisions, differences } = replayUnder(shippedPolicy, shorter, records);
  assert.ok(decisions > 50);
  assert.deepEqual(
    differences.map((one) => [one.action, one.underA, one.underB]),
    [['retention.propose', 'allow', 'RETENTION_OUT_OF_RANGE IV.F.1']],
  );
});

test('a clause counts as proved by a passed test that names it, and else is open [IV.C.6.b]', () => {
  assert.equal(shippedPolicy.clauses.length, 88);
  const proof = proofOf(shippedPolicy, ['a: does so [III.G, IV.A.1]', 'b: too [IV.A.1] [nonsense]']);
  const proved = proof.filter((one) => !one.open).map((one) => [one.clause, one.tests.length]);
  assert.deepEqual(proved, [
    ['III.G', 1],
    ['IV.A.1', 2],
  ]);
});

test('another department changes roles and numbers in the file, not in the program [II.B]', async () => {
  const { sha256: _digest, ...plain } = shippedPolicy;
  const commands = { ...plain.commands, 'ticket.open': { ...plain.commands['ticket.open'], roles: ['auditor'] } };
  const parsed = parsePolicy(JSON.stringify({ ...plain, commands }), 'other.yaml');
  assert.ok(parsed.ok);
  const world = await staffedWorld(parsed.value);
  assert.equal((await world.refused('op', 'ticket.open', { text: 'x' })).code, 'ROLE_REQUIRED');
  await world.did('aud', 'ticket.open', { text: 'x' });
  world.clock.advance(dayMs);
  await world.close();
});
