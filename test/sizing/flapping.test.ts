import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { clipPath } from '../../src/simulator/scenes/clips.js';
import { flapKinds, planFlaps } from '../../src/sizing/flap_plan.js';
import { startFlapping } from '../../src/sizing/flapping.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { soak } from '../../src/sizing/soak.js';
import { unbalancedIn } from '../../src/sizing/watch.js';
import { suite } from '../support/suite.js';

const { test, skip } = suite('a soak of flapping cameras');

test('a plan is in order, as dense as asked, the same for the same seed, and has every kind of fault', () => {
  const options = fc.record({
    cameras: fc.integer({ min: 1, max: 8 }),
    hours: fc.integer({ min: 1, max: 48 }),
    everyMinutes: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(options, (asked) => {
      const plan = planFlaps(asked);
      assert.deepEqual(plan, planFlaps(asked));
      assert.equal(plan.length, asked.cameras);
      for (const flaps of plan) {
        const mean = (asked.hours * 60) / asked.everyMinutes;
        assert.ok(flaps.length >= Math.floor(mean / 1.5) - 1 && flaps.length <= Math.ceil(mean / 0.5));
        flaps.forEach(({ atMs }, i) => {
          const pauseMinutes = (atMs - (flaps[i - 1]?.atMs ?? 0)) / 60_000 / asked.everyMinutes;
          assert.ok(pauseMinutes >= 0.5 && pauseMinutes <= 1.5);
          assert.ok(atMs < asked.hours * 3_600_000);
        });
        const firsts = flaps.slice(0, flapKinds.length).map(({ kind }) => kind);
        assert.equal(new Set(firsts).size, firsts.length, 'every kind comes before one comes again');
      }
    }),
  );
});

test('a frame without an outcome is seen, and of which camera', () => {
  const of = (camera: string, empty: number) =>
    `platestream_frames_captured_total{camera="${camera}"} 5\nplatestream_frames_in_flight{camera="${camera}"} 1\n` +
    `platestream_frames_total{camera="${camera}",outcome="read",reason="candidate"} 1\n` +
    `platestream_frames_total{camera="${camera}",outcome="empty",reason="no_motion"} ${empty}\n`;
  assert.deepEqual(unbalancedIn(new Scrape(of('whole', 3) + of('short', 2) + of('long', 4))), ['short', 'long']);
});

test('a camera that does not come back is named, with its fault; the others play on', async () => {
  const faults: string[] = [];
  const scrape = new Scrape(
    'platestream_camera_state{camera="good",state="playing"} 1\nplatestream_camera_state{camera="bad",state="waiting"} 1\n',
  );
  let captured = 0;
  const flapping = startFlapping({
    server: { setFault: (camera, { kind }) => void faults.push(`${camera} ${kind}`) },
    watch: {
      latest: () => {
        captured += 10;
        return new Scrape(
          ['good', 'bad'].map((id) => `platestream_frames_captured_total{camera="${id}"} ${captured}\n`).join('') +
            'platestream_camera_state{camera="good",state="playing"} 1\n',
        );
      },
      looks: () => 0,
      unbalanced: () => [],
      until: async (met) => met(scrape),
      stop() {},
    },
    cameraIds: ['good', 'bad'],
    plan: [
      [
        { kind: 'size_change', atMs: 0 },
        { kind: 'packet_loss', atMs: 1 },
      ],
      [
        { kind: 'stall', atMs: 0 },
        { kind: 'disconnect', atMs: 1 },
      ],
    ],
    speedUp: 1000,
  });
  const { faults: over, stuck, takenOut, recoverySeconds } = await flapping.ended;
  assert.deepEqual([over, takenOut], [2, []]);
  assert.deepEqual(Object.keys(recoverySeconds), ['size_change', 'packet_loss']);
  assert.deepEqual(stuck, ['bad after stall: no fresh frames for 60 s']);
  assert.ok(!faults.includes('1 disconnect'), 'its plan ends there');
});

if (existsSync('/proc/self/fd')) {
  test('the real program: two cameras, an hour of faults in half a minute; both come back each time, every look balances', async () => {
    const result = await soak({
      clips: [clipPath('plate-20'), clipPath('empty-road')],
      cameras: 2,
      fps: 5,
      minutes: 0.5,
      flaps: { hours: 1, everyMinutes: 14, seed: 3 },
      onSample() {},
    });
    assert.deepEqual(result.unbalanced, []);
    assert.deepEqual([result.flapping?.stuck, result.flapping?.takenOut], [[], []]);
    assert.ok((result.flapping?.faults ?? 0) >= 4 && result.looks > 20);
    assert.equal(result.engineRestarts, 0);
    const [sample] = result.samples;
    assert.ok(sample && sample.handles.descriptors > 0 && sample.handles.sockets > 0 && sample.handles.threads > 0);
  });
} else {
  skip('the real program', 'what processes hold is read from /proc, which is Linux');
}
