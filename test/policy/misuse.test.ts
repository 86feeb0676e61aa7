import { strict as assert } from 'node:assert';
import { suspicions } from '../../src/policy/misuse.js';
import { emptyState, type RecentSearch } from '../../src/policy/state.js';
import { suite } from '../support/suite.js';
import { dayMs, hourMs, minuteMs, shippedPolicy, startMs } from './world.js';

const { test } = suite('misuse (T19)');

function found(searches: readonly Partial<RecentSearch>[]): string[] {
  const state = emptyState();
  for (const [index, one] of searches.entries()) {
    const atMs = startMs + 12 * hourMs + index * minuteMs;
    state.searches.push({
      userId: 'op',
      plate: `TST${index}`,
      caseNo: `26-${index}`,
      facts: `facts ${index}`,
      atMs,
      ...one,
    });
  }
  return suspicions(state, shippedPolicy, startMs + dayMs).map((one) => `${one.userId} ${one.pattern}`);
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
