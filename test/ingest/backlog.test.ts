import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Backlog } from '../../src/ingest/backlog.js';
import { CatchUp } from '../../src/ingest/catch_up.js';
import { suite } from '../support/suite.js';

const { test } = suite('how far behind a live stream is read');

/**
 * Reads packets in a row, each from the moment it has arrived and we are free.
 * @param arrivals when each packet (one every `everyMs` of stream time; `null`: they bear no time) reaches our socket
 * @param busyMs what each packet keeps us busy after it was read
 * @returns how late each is said to be, and when it was read
 */
function readAll(
  arrivals: readonly number[],
  everyMs: number | null,
  busyMs: (packet: number, nowMs: number) => number,
) {
  const backlog = new Backlog();
  let nowMs = arrivals[0] ?? 0;
  let decodedMs = 0;
  return arrivals.map((arrivesAtMs, packet) => {
    const askedAtMs = nowMs;
    nowMs = Math.max(nowMs, arrivesAtMs) + 0.2;
    const streamMs = everyMs === null ? null : packet * everyMs;
    const lateMs = backlog.lateMs({ streamMs, waitedMs: nowMs - askedAtMs, decodedMs, nowMs });
    decodedMs = busyMs(packet, nowMs);
    nowMs += decodedMs;
    return { lateMs, readAtMs: nowMs };
  });
}

const late = (read: ReturnType<typeof readAll>) => read.map(({ lateMs }) => Math.round(lateMs));

test('a network that is slow, jitters, or delivers nothing for a while and then all at once is not our backlog', () => {
  const jitter = fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 200, maxLength: 200 });
  fc.assert(
    fc.property(
      jitter,
      fc.integer({ min: 0, max: 5_000 }),
      fc.integer({ min: 0, max: 2_000 }),
      (more, outageMs, base) => {
        // Packets of one connection never overtake each other.
        let last = 0;
        const arrivals = more.map((delay, i) => {
          const free = i * 100 + base + delay;
          last = Math.max(last, i === 100 ? free + outageMs : free);
          return last;
        });
        // What a network jitters within half a second is allowed for by `lateAfterMs`.
        assert.ok(Math.max(...late(readAll(arrivals, 100, () => 5))) <= 320);
      },
    ),
  );
});

test('what waits while we are busy is late by as long as it waited, and no longer so when we have caught up', () => {
  const arrivals = Array.from({ length: 200 }, (_, i) => i * 100);
  const read = readAll(arrivals, 100, (packet) => (packet === 100 ? 3_000 : 4));
  const lateness = late(read);
  assert.ok(Math.max(...lateness.slice(0, 100)) < 10, 'before');
  assert.ok((lateness[101] as number) > 2_700, `${lateness[101]} ms late after three seconds`);
  assert.ok(Math.max(...lateness.slice(150)) < 10, 'caught up');
});

test('packets that bear no time: the same, from how regularly they came before', () => {
  const arrivals = Array.from({ length: 200 }, (_, i) => i * 100 + (i % 3) * 20 + (i > 60 ? 2_000 : 0));
  const lateness = late(readAll(arrivals, null, (packet) => (packet === 100 ? 3_000 : 4)));
  assert.ok(Math.max(...lateness.slice(0, 100)) < 60, `before: ${Math.max(...lateness.slice(0, 100))}`);
  assert.ok((lateness[101] as number) > 2_500, `${lateness[101]} ms late after three seconds`);
  assert.ok(Math.max(...lateness.slice(150)) < 60, 'caught up');
  const slow = late(readAll(arrivals, null, (packet) => (packet > 100 ? 150 : 4)));
  assert.ok((slow.at(-1) as number) > 2_000, `${slow.at(-1)} ms`);
});

test('who is slower than the stream falls behind, and is told so', () => {
  const arrivals = Array.from({ length: 200 }, (_, i) => i * 40);
  const lateness = late(readAll(arrivals, 40, () => 60));
  assert.ok((lateness.at(-1) as number) > 3_000, `${lateness.at(-1)} of 4000 ms`);
});

test('clocks that drift, and timestamps that begin anew, are not lateness', () => {
  const backlog = new Backlog();
  let nowMs = 0;
  let worst = 0;
  for (let packet = 0; packet < 36_000; packet++) {
    nowMs = packet * 33.34;
    // Too much to do to ever wait, and a camera whose clock loses 100 in a million.
    const streamMs = packet * 33.34 * 0.9999 - (packet > 30_000 ? 60_000 : 0);
    worst = Math.max(worst, backlog.lateMs({ streamMs, waitedMs: 3, decodedMs: 30, nowMs }));
  }
  assert.ok(worst < 10, `${worst} ms`);
});

test('a hiccup leaves nothing out; who stays twice as late as allowed goes on with the first fresh key frame', () => {
  const hiccup = new CatchUp(500);
  for (const [lateMs, atMs] of [
    [0, 0],
    [3_000, 100],
    [1_500, 150],
    [400, 200],
    [0, 300],
  ] as const)
    assert.equal(hiccup.skips(lateMs, false, atMs), false);

  const behind = new CatchUp(500);
  assert.equal(behind.skips(1_200, false, 0), false);
  assert.equal(behind.skips(1_300, false, 400), false);
  assert.equal(behind.skips(1_400, false, 600), true, 'given up');
  assert.equal(behind.skips(900, true, 610), true, 'a key frame that is late itself');
  assert.equal(behind.skips(10, false, 620), true, 'fresh, but nothing to begin with');
  assert.equal(behind.skips(10, true, 900), false);
  assert.equal(behind.skips(10, false, 1_000), false);
});
