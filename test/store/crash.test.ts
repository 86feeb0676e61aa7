import { fork } from 'node:child_process';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { packagePath } from '../../src/package_root.js';
import { scratchFolder } from '../support/store_fixtures.js';
import { suite } from '../support/suite.js';

const { test, after } = suite('store, killed');
const scratch = scratchFolder();
after(() => scratch.remove());

type Message =
  | { kind: 'open' }
  | { kind: 'durable'; number: number }
  | { kind: 'counted'; reads: number; plates: number };

/** Runs the store; kills it with SIGKILL once `killAfter` reads were acknowledged. @returns what it said. */
function run(from: number, until: number, baseMs: number, retoldUntil: number, killAfter: number | null) {
  return new Promise<{ durable: Set<number>; counted: Extract<Message, { kind: 'counted' }> | null }>(
    (resolve, reject) => {
      const child = fork(packagePath('dist', 'test', 'support', 'store_child.js'), [
        scratch.path,
        String(from),
        String(until),
        String(baseMs),
        String(retoldUntil),
      ]);
      const durable = new Set<number>();
      let counted: Extract<Message, { kind: 'counted' }> | null = null;
      child.on('message', (message: Message) => {
        if (message.kind === 'durable') durable.add(message.number);
        if (message.kind === 'counted') counted = message;
        if (killAfter !== null && durable.size >= killAfter) child.kill('SIGKILL');
      });
      child.on('close', (code) =>
        killAfter === null && code !== 0 ? reject(new Error(`exit ${code}`)) : resolve({ durable, counted }),
      );
    },
  );
}

test(
  'killed with SIGKILL again and again mid-write, every acknowledged read is found once and none twice',
  async () => {
    // PLATESTREAM_CRASH_READS=1000000 for the long run.
    const total = Number(process.env['PLATESTREAM_CRASH_READS'] ?? 20_000);
    const [seed] = fc.sample(fc.integer({ min: 1, max: 1_000_000 }), 1) as [number];
    const kills = fc.sample(fc.integer({ min: 1, max: total / 8 }), { numRuns: 6, seed });
    // A camera's clock may be ahead: that a read was told before is said with it, and not guessed from its time.
    const baseMs = Date.now() + 8_000;
    let from = 0;
    let retoldUntil = 0;
    for (const killAfter of kills) {
      const { durable } = await run(from, total, baseMs, retoldUntil, killAfter);
      // The engine tells again all that it did not see acknowledged, and a stretch that it did.
      const firstUnacknowledged =
        Array.from({ length: total }, (_, i) => i).find((i) => i >= from && !durable.has(i)) ?? total;
      retoldUntil = [...durable].reduce((most, number) => Math.max(most, number), retoldUntil) + 65;
      from = Math.max(0, firstUnacknowledged - 50);
    }
    const { counted } = await run(from, total, baseMs, retoldUntil, null);
    assert.equal([counted?.reads, counted?.plates], [total, total], `seed ${seed}`);
  },
  { timeoutMs: 800_000 },
);
