import { strict as assert } from 'node:assert';
import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createOutbox } from '../../src/bus/outbox.js';
import { openSpool } from '../../src/bus/spool.js';
import type { ReadReport } from '../../src/data/read.js';
import { scratchFolder, someRead } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('spool of an engine');
const scratch = scratchFolder();
after(() => {
  scratch.remove();
  rmSync(`${scratch.path}-history`, { recursive: true, force: true });
});
const dayMs = 86_400_000;
const reportOf = (number: number): ReadReport => ({
  stage: 'final',
  revision: 1,
  read: someRead(number, `CANARY${number}`, 1_700_000_000_000),
});

test('a report that nobody took for thirty days leaves the disk, counted as lost; a younger one is still told [IV.F.1]', () => {
  const spool = openSpool<ReadReport>(scratch.path, 1 << 20);
  for (const n of [1, 2]) spool.push(reportOf(n), spool.nextPlace());
  const [oldest] = readdirSync(scratch.path).sort();
  const longAgo = new Date(Date.now() - 30 * dayMs - 1_000);
  utimesSync(join(scratch.path, oldest as string), longAgo, longAgo);
  const again = openSpool<ReadReport>(scratch.path, 1 << 20);
  const told: string[] = [];
  const historySpool = openSpool<ReadReport>(`${scratch.path}-history`, 1 << 20);
  const outbox = createOutbox({
    send: (_number, { read }) => told.push(read.plate),
    spool: again,
    historySpool,
    heldMax: 10,
  });
  outbox.forget(Date.now() - 30 * dayMs);
  outbox.refill();
  assert.deepEqual([told, outbox.lost, readdirSync(scratch.path).length], [['CANARY2'], 1, 1]);
});
