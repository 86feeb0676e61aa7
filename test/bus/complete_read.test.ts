import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { missingOf } from '../../src/bus/complete_read.js';
import type { Match } from '../../src/data/match.js';
import type { Read } from '../../src/data/read.js';
import { createLive } from '../../src/live/alerts.js';
import { suite } from '../support/suite.js';

const { test } = suite('a read that enters control');
const picture = Uint8Array.of(1, 2, 3);
const whole = {
  id: 'e1-cam-1-1',
  cameraId: 'cam-1',
  plate: '7ABC12',
  confidence: 0.9,
  alternatives: [{ text: '7ABC12', confidence: 0.9 }],
  capturedAtMs: 1_767_225_600_000,
  evidence: { vehicle: picture, vehicleSha256: 'a'.repeat(64), plate: picture, plateSha256: 'b'.repeat(64) },
  model: 'd+r',
} as unknown as Read;

/** Each part a read must have, by its path. */
const parts = ['id', 'cameraId', 'plate', 'confidence', 'alternatives', 'capturedAtMs', 'model', 'evidence'];
const inEvidence = ['vehicle', 'vehicleSha256', 'plate', 'plateSha256'];
const bad = fc.constantFrom(undefined, null, '', Number.NaN, -1, {}, [], '???', 2 ** 60, new Uint8Array(0));

function without(part: string, value: unknown): Read {
  if (parts.includes(part)) return { ...whole, [part]: value } as Read;
  return { ...whole, evidence: { ...whole.evidence, [part]: value } } as Read;
}

/** What a real live path does with a read: whether anything of it was matched or stored, and what was counted. */
async function fate(read: Read): Promise<{ matched: boolean; stored: boolean; counted: string | null }> {
  const seen = { matched: false, stored: false, counted: null as string | null };
  const live = createLive({
    matcher: {
      match: () => {
        seen.matched = true;
        return { matches: [] as Match[], suppressed: [], claims: [] };
      },
      confusion: { observe: () => {} },
      version: null,
    } as never,
    alerts: { raise: () => null } as never,
    pictures: { keep: async () => {} } as never,
    store: {
      takes: () => true,
      append: async () => {
        seen.stored = true;
      },
    } as never,
    metrics: {
      observeReport: () => {},
      observeKeptOut: (reason: string) => {
        seen.counted = reason;
      },
    } as never,
    nowMs: () => 0,
    compare: () => {},
    cameraRefusal: () => null,
    cameraHealth: async () => null,
    keepingRefusal: () => null,
  });
  await live({ stage: 'final', revision: 1, read });
  return seen;
}

test('whole, it is matched and stored [I.p1]', async () => {
  assert.equal(missingOf(whole), null);
  assert.deepEqual(await fate(whole), { matched: true, stored: true, counted: null });
});

test('1,000 reads with one part missing or senseless: none matched, none stored, each counted [I.p1]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...parts, ...inEvidence), bad, async (part, value) => {
      // A capture time, however late, is a number; everything else of the list is no value of any part.
      fc.pre(!(part === 'capturedAtMs' && value === 2 ** 60));
      const read = without(part, value);
      assert.notEqual(missingOf(read), null, `${part} = ${String(value)}`);
      assert.deepEqual(await fate(read), { matched: false, stored: false, counted: 'READ_INCOMPLETE' });
    }),
    { numRuns: 1_000 },
  );
});
