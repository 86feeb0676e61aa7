import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { suspicions } from '../../src/policy/misuse.js';
import { type Policy, parsePolicy } from '../../src/policy/policy_file.js';
import { emptyState, type RecentSearch } from '../../src/policy/state.js';
import { suite } from '../support/suite.js';
import { dayMs, hourMs, minuteMs, shippedPolicy, startMs } from './world.js';

const { test } = suite('misuse (T19)');

function found(searches: readonly Partial<RecentSearch>[], policy: Policy = shippedPolicy): string[] {
  const state = emptyState();
  for (const [index, one] of searches.entries()) {
    const atMs = startMs + 12 * hourMs + index * minuteMs;
    state.searches.push({
      userId: 'op',
      plate: `TST${index}`,
      caseNo: `26-${index}`,
      facts: `facts ${index}`,
      look: false,
      atMs,
      ...one,
    });
  }
  return suspicions(state, policy, startMs + dayMs).map((one) => `${one.userId} ${one.pattern}`);
}
const times = (count: number, make: (index: number) => Partial<RecentSearch>) =>
  Array.from({ length: count }, (_, i) => make(i));

test('ordinary work raises nothing', () => {
  assert.deepEqual(found(times(20, () => ({}))), []);
  const oneCase = times(6, () => ({ plate: 'TST1', caseNo: '26-1', facts: 'one robbery' }));
  assert.deepEqual(found(oneCase), []);
});

test('one plate searched for case after case is noticed, and whose searches they were [IV.B.1.a(4)]', () => {
  assert.deepEqual(found(times(3, () => ({ plate: 'TST7' }))), ['op repeat_target']);
  assert.deepEqual(found(times(3, (i) => ({ plate: 'TST7', userId: `op${i}` }))), []);
});

test('the same words for many plates and cases are noticed [IV.B.1.a(4)] [IV.A.1]', () => {
  assert.deepEqual(found(times(4, () => ({ facts: 'vehicle of interest in area' }))), ['op same_words']);
});

test('a burst of searches at night is noticed, the same by day is not [IV.B.1.a(4)]', () => {
  assert.deepEqual(found(times(10, (i) => ({ atMs: startMs + 2 * hourMs + i * minuteMs }))), ['op night_burst']);
  assert.deepEqual(found(times(9, (i) => ({ atMs: startMs + 2 * hourMs + i * minuteMs }))), []);
  assert.deepEqual(found(times(10, () => ({}))), []);
});

test('what lies more than a week back is not held against anybody', () => {
  assert.deepEqual(found(times(5, () => ({ plate: 'TST7', atMs: startMs - 8 * dayMs }))), []);
});

test('a search outside the shifts that the policy file names is noticed; who has none there is never off shift [IV.B.1.a(4)]', () => {
  const at = (hour: number, minute = 0) => [{ atMs: dayStartMs + hour * hourMs + minute * minuteMs }];
  const dayStartMs = Math.floor(startMs / dayMs) * dayMs;
  const withShifts = (shifts: Policy['shifts']) => ({ ...shippedPolicy, shifts });
  const day = withShifts({ op: [{ from: '07:00', to: '15:30' }] });
  assert.deepEqual(found(at(7), day), []);
  assert.deepEqual(found(at(15, 29), day), []);
  assert.deepEqual(found(at(15, 30), day), ['op off_shift']);
  assert.deepEqual(found(at(6, 59), day), ['op off_shift']);
  const night = withShifts({ op: [{ from: '23:00', to: '07:00' }] });
  assert.deepEqual(found([...at(23), ...at(0), ...at(6, 59)], night), []);
  assert.deepEqual(found(at(22, 59), night), ['op off_shift']);
  const double = withShifts({
    op: [
      { from: '07:00', to: '12:00' },
      { from: '13:00', to: '17:00' },
    ],
  });
  assert.deepEqual([found(at(13), double), found(at(12, 30), double)], [[], ['op off_shift']]);
  assert.deepEqual(found(at(3), withShifts({ sup: [{ from: '07:00', to: '15:30' }] })), []);
  assert.deepEqual(found(at(3)), []);
});

test('a shift that is no time of day is refused in one line', () => {
  const text = readFileSync('policies/41-12.yaml', 'utf8');
  const wrong = parsePolicy(
    text.replace('shifts: {}', "shifts: { op: [{ from: '25:00', to: '07:00' }] }"),
    'policy.yaml',
  );
  assert.match(wrong.ok ? '' : wrong.error, /^policy.yaml: shifts\.op\.0\.from: /);
});
