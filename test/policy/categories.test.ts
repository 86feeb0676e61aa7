import { strict as assert } from 'node:assert';
import { suite } from '../support/suite.js';
import { dayMs, shippedPolicy, staffedWorld, type World } from './world.js';

const { test, before, after } = suite('categories');
let world: World;
before(async () => {
  world = await staffedWorld();
});
after(() => world.close());

const { authorised, prohibited } = shippedPolicy.categories;

for (const [category, clause] of Object.entries(authorised)) {
  test(`${category} may be chosen, and is delivered only to those who chose it [${clause}]`, async () => {
    await world.did('op', 'profile.set', { categories: [category] });
    await world.did('op2', 'profile.set', { categories: [] });
    assert.equal(world.governance.isDeliverable('op', category), true);
    assert.equal(world.governance.isDeliverable('op2', category), false);
    const others = Object.keys(authorised).filter((one) => one !== category);
    assert.ok(others.every((one) => !world.governance.isDeliverable('op', one)));
  });
}

for (const [category, clause] of Object.entries(prohibited)) {
  test(`${category} can be neither chosen, entered, mapped, loaded nor delivered [${clause}]`, async () => {
    const refused = await world.refused('op', 'profile.set', { categories: ['stolen_vehicle', category] });
    assert.deepEqual([refused.code, refused.clause], ['CATEGORY_PROHIBITED', clause]);
    const entry = {
      plate: 'TST1',
      state: 'MA',
      category,
      caseNo: '26-1',
      expiresAtMs: world.clock.nowMs() + dayMs,
      why: 'w',
    };
    assert.equal((await world.refused('sup', 'entry.create', entry)).clause, clause);
    const map = { source: 'ncic', code: 'Z', category, why: 'w' };
    assert.equal((await world.refused('chief', 'category.map', map)).clause, clause);
    assert.equal(world.governance.loadableCategories().has(category), false);
    assert.equal(world.governance.isDeliverable('op', category), false);
  });
}

test('a category on neither list is unknown until mapped to an authorised one [IV.A.3]', async () => {
  for (const category of ['extreme_risk', 'boat', 'constructor', 'toString']) {
    const refused = await world.refused('op', 'profile.set', { categories: [category] });
    assert.ok(['CATEGORY_UNKNOWN', 'INPUT_INVALID'].includes(refused.code), category);
  }
  await world.did('chief', 'category.map', { source: 'ncic', code: 'F', category: 'warrant', why: 'felony warrants' });
  assert.equal(world.governance.state().categoryMap.get('ncic:F'), 'warrant');
  const own = { source: 'ncic', code: 'D', category: 'department_hot_list', why: 'our own list' };
  assert.equal(
    (await world.refused('chief', 'category.map', own)).clause,
    'IV.A.7.d',
    'no list brings what people enter',
  );
});

const grant = (more: object = {}) => ({
  userId: 'op',
  category: 'gang_or_terrorist',
  caseNo: '26-0007',
  facts: 'credible threat against the invented parade on Friday',
  toMs: world.clock.nowMs() + 2 * dayMs,
  ...more,
});

test('an exception is granted by the administrator in person only, never to oneself [IV.A.4]', async () => {
  for (const who of ['designee', 'sup', 'duty', 'op']) {
    assert.equal((await world.refused(who, 'exception.grant', grant())).code, 'ROLE_REQUIRED', who);
  }
  assert.equal((await world.refused('chief', 'exception.grant', grant({ userId: 'chief' }))).code, 'SELF_APPROVAL');
});

test('an exception has a reason, a prohibited category and an end within 30 days [IV.A.4]', async () => {
  const codes: string[] = [];
  for (const more of [
    { toMs: null },
    { toMs: world.clock.nowMs() + 31 * dayMs },
    { facts: 'investigation' },
    { category: 'warrant' },
  ]) {
    codes.push((await world.refused('chief', 'exception.grant', grant(more))).code);
  }
  assert.deepEqual(codes, ['EXPIRY_REQUIRED', 'EXPIRY_REQUIRED', 'REASON_INSUFFICIENT', 'CATEGORY_UNKNOWN']);
});

test('an exception covers one user and one category, and ends on time [IV.A.4]', async () => {
  const { governance, clock } = world;
  const category = 'gang_or_terrorist';
  await world.did('chief', 'exception.grant', grant());
  await world.did('op', 'profile.set', { categories: [category] });
  assert.equal((await world.refused('op2', 'profile.set', { categories: [category] })).code, 'CATEGORY_PROHIBITED');
  assert.equal((await world.refused('op', 'profile.set', { categories: ['immigration'] })).code, 'CATEGORY_PROHIBITED');
  assert.deepEqual(
    [
      governance.loadableCategories().has(category),
      governance.isDeliverable('op', category),
      governance.isDeliverable('op2', category),
    ],
    [true, true, false],
  );
  clock.advance(2 * dayMs);
  assert.deepEqual(
    [governance.loadableCategories().has(category), governance.isDeliverable('op', category)],
    [false, false],
  );
  assert.deepEqual(governance.liveExceptions(), []);
});
