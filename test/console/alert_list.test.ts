import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { mergeAlerts } from '../../src/console/feed/alert_list.js';
import { suite } from '../support/suite.js';

const { test } = suite('the list of alerts');
const numbers = (alerts: readonly { sequence: number }[]) => alerts.map((one) => one.sequence);

test('whatever a connection repeats, in whatever parts it comes: each alert once, newest first', () => {
  const parts = fc.array(fc.array(fc.nat({ max: 60 })), { maxLength: 8 });
  fc.assert(
    fc.property(parts, (sequences) => {
      let list: { sequence: number }[] = [];
      for (const part of sequences)
        list = mergeAlerts(
          list,
          part.map((sequence) => ({ sequence })),
          1000,
        );
      const all = [...new Set(sequences.flat())].sort((a, b) => b - a);
      assert.deepEqual(numbers(list), all);
    }),
  );
});

test('beyond the cap the oldest are let go, never the newest', () => {
  const list = mergeAlerts([{ sequence: 3 }, { sequence: 1 }], [{ sequence: 2 }, { sequence: 9 }], 3);
  assert.deepEqual(numbers(list), [9, 3, 2]);
});

test('what is told again replaces what was known', () => {
  const [one] = mergeAlerts([{ sequence: 1, standing: 'open' }], [{ sequence: 1, standing: 'closed' }], 10);
  assert.equal(one?.standing, 'closed');
});
