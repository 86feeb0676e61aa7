import { strict as assert } from 'node:assert';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { segmentPath } from '../../src/ledger/segments.js';
import { readSigned } from '../../src/ledger/verify/signed.js';
import { verifyLedger } from '../../src/ledger/verify/verify.js';
import { copyOf, finish, startWalk, step, type Walk } from '../../src/ledger/verify/walk.js';
import { Wrong } from '../../src/ledger/verify/wrong.js';
import { suite } from '../support/suite.js';
import { ledgerIn, note, removeFolder, temporaryFolder } from './support.js';

/**
 * T13, every bit of a log of 1,000 records (`npm run test:long ledger/every_bit`; every 31st otherwise). What comes before the changed
 * record is the same for all of its bits, so the check walks there once and goes on from there for each bit; a bit that makes or
 * unmakes a line feed goes through the file instead, and so does a sample of the others, which must come to the same verdict.
 */
const recordCount = 1000;
const long = process.env['PLATESTREAM_LONG'] === '1';
const stride = long ? 1 : 31;
const throughFileEvery = long ? 997 : 20_011;
const { test, before, after } = suite('every bit (T13)');

let dir = '';
let original = Buffer.alloc(0);
before(async () => {
  dir = temporaryFolder();
  const ledger = await ledgerIn(dir, { checkpointEveryRecords: 128 });
  await Promise.all(Array.from({ length: recordCount - 1 }, (_, i) => ledger.append(note(`invented ${i}`))));
  await ledger.close();
  original = readFileSync(segmentPath(dir, 1));
});
after(() => removeFolder(dir));

interface Line {
  readonly start: number;
  readonly bytes: Buffer;
}

function linesOf(log: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0, end = log.indexOf(10); end >= 0; start = end + 1, end = log.indexOf(10, start))
    lines.push({ start, bytes: log.subarray(start, end) });
  return lines;
}

/** The record named when the walk goes on over these lines, or `null`. */
function namedBy(walk: Walk, lines: readonly Line[]): number | null {
  let at = 0;
  const next = () => lines[at++]?.bytes ?? null;
  try {
    for (let line = next(); line !== null; line = next()) step(walk, line, next);
    finish(walk);
    return null;
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return error.bad.sequence;
  }
}

function namedThroughFile(bit: number): number | null {
  flip(bit);
  writeFileSync(segmentPath(dir, 1), original);
  flip(bit);
  return verifyLedger(dir).firstBad?.sequence ?? null;
}

function flip(bit: number): void {
  original[bit >> 3] = (original[bit >> 3] as number) ^ (1 << (bit & 7));
}

test(
  `${long ? 'every' : `every ${stride}st`} flipped bit of ${recordCount} records is found and its record named [IV.C.6.a]`,
  () => {
    const key = createPublicKey(readFileSync(join(dir, 'ledger.pub'), 'utf8'));
    const lines = linesOf(original);
    assert.equal(lines.length, recordCount);
    const before = startWalk(readSigned(dir, key), null);
    const flipped = { here: 0, throughFile: 0 };
    for (const [index, { start, bytes }] of lines.entries()) {
      const from = lines.slice(index);
      for (let bit = start * 8; bit < (start + bytes.length + 1) * 8; bit += 1) {
        if (bit % stride !== 0) continue;
        const byte = original[bit >> 3] as number;
        const isLineFeed = byte === 10 || (byte ^ (1 << (bit & 7))) === 10;
        if (!isLineFeed) {
          flip(bit);
          assert.equal(namedBy(copyOf(before), from), index + 1, `bit ${bit}`);
          flip(bit);
          flipped.here += 1;
        }
        if (isLineFeed || flipped.here % throughFileEvery === 0) {
          assert.equal(namedThroughFile(bit), index + 1, `bit ${bit}, through the file`);
          flipped.throughFile += 1;
        }
      }
      step(before, bytes, () => null);
      if (long && index % 100 === 99) process.stdout.write(`record ${index + 1}: ${JSON.stringify(flipped)}\n`);
    }
    assert.ok(flipped.here > (original.length * 7) / stride && flipped.throughFile > 200, JSON.stringify(flipped));
  },
  { timeoutMs: long ? 6 * 3_600_000 : 60_000 },
);
