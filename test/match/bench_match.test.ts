import { strict as assert } from 'node:assert';
import { inventedList, inventedPlate, inventedReads } from '../../src/cli/bench_match_list.js';
import { claims } from '../../src/cli/bench_match_rates.js';
import { packFirst, packRest } from '../../src/match/plate.js';
import { suite } from '../support/suite.js';

const { test } = suite('bench match');

test('the invented lists hold what they say, and the reads hit them as often as they say', () => {
  const { snapshot } = inventedList(20_000);
  assert.equal(snapshot.header.plates, 20_000);
  for (const hitRate of [0, 0.001, 0.05]) {
    const reads = inventedReads(20_000, 20_000, hitRate);
    const hits = reads.filter((plate) => claims(snapshot, plate) && snapshot.has(packFirst(plate), packRest(plate)));
    assert.equal(hits.length, 20_000 * hitRate);
  }
  assert.match(inventedPlate(123), /^[A-Z]{3}\d{4}$/);
});
