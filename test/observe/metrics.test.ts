import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type CameraId, cameraId } from '../../src/data/ids.js';
import { CameraTotals } from '../../src/observe/camera_totals.js';
import { EngineTotals } from '../../src/observe/engine_totals.js';
import { createMetrics } from '../../src/observe/metrics.js';
import { allMetrics, metricsPage } from '../../src/observe/metrics_page.js';
import { StageClock } from '../../src/observe/stage_times.js';
import { packagePath } from '../../src/package_root.js';
import { Scrape } from '../../src/sizing/scrape.js';
import { suite } from '../support/suite.js';

const { test } = suite('metrics');
const allowedLabels = [
  'camera',
  'outcome',
  'reason',
  'hook',
  'result',
  'stage',
  'state',
  'kind',
  'model',
  'inference',
  'version',
  'node',
  'code',
  'le',
];

test('docs/metrics.md is what the code says (npm run docs:metrics)', () => {
  assert.equal(readFileSync(packagePath('docs', 'metrics.md'), 'utf8'), metricsPage());
});

test('names follow the conventions, labels are from a closed list: never a plate, a URL or a user', () => {
  for (const { name, type, labels, help } of allMetrics()) {
    assert.match(name, /^platestream_[a-z]+(_[a-z]+)*$/);
    assert.equal(name.endsWith('_total'), type === 'counter', `${name}: _total means counter`);
    if (type === 'histogram') assert.match(name, /_seconds$/);
    assert.ok(help.length > 10 && !help.endsWith('.'), `${name}: help`);
    for (const label of labels) assert.ok(allowedLabels.includes(label), `${name}: label ${label}`);
  }
});

const camera = cameraId('cam-1') as CameraId;
const nothing = { scraped: () => ({}), stageTimes: () => ({}), ledgerTimes: () => null, cameraStates: () => [] };

function statusOf(clock: StageClock) {
  return {
    unsent: 1,
    spooled: 2,
    lostReports: 3,
    rssBytes: 1000,
    cpuSeconds: 5,
    stages: clock.snapshot(),
    slots: { inUse: 1, count: 4, waiting: 0 },
    model: 'd+r',
    inference: 'onnx',
  };
}

test('frames balance in every scrape, whatever engines report and however often they die', async () => {
  const count = fc.nat({ max: 50 });
  const look = fc.record({ read: count, empty: count, dropped: count, failed: count, inFlight: count });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(look, fc.boolean()), { maxLength: 20 }), async (looks) => {
      const totals = new CameraTotals();
      const metrics = createMetrics({ ...nothing, totals });
      for (const [counts, dies] of looks) {
        const captured = Object.values(counts).reduce((sum, n) => sum + n, 0);
        const { inFlight: _, ...ended } = counts;
        const reasons = Object.fromEntries(Object.entries(ended).map(([kind, n]) => [`${kind}:why`, n]));
        totals.update('e1', [{ cameraId: camera, counts: { ...counts, captured }, reasons, passedOver: 0 }]);
        if (dies) totals.engineEnded('e1');
        const scrape = new Scrape(await metrics.registry.metrics());
        const outcomes = scrape.sum('platestream_frames_total') + scrape.sum('platestream_frames_in_flight');
        assert.equal(scrape.sum('platestream_frames_captured_total'), outcomes);
      }
    }),
    { numRuns: 40 },
  );
});

test('what engines counted stays counted when they end; what they hold does not', () => {
  const engines = new EngineTotals();
  const clock = new StageClock();
  clock.observe('detect', 12);
  engines.update('a', statusOf(clock));
  engines.engineEnded('a');
  engines.update('b', statusOf(clock));
  const { engine_cpu_seconds_total, engine_reports_lost_total, frame_slots } = engines.scraped();
  assert.deepEqual(
    { engine_cpu_seconds_total, engine_reports_lost_total, frame_slots },
    {
      engine_cpu_seconds_total: 10,
      engine_reports_lost_total: 6,
      frame_slots: 4,
    },
  );
  assert.equal(engines.running(), 1);
  assert.deepEqual(engines.models(), [{ model: 'd+r', inference: 'onnx' }]);
  assert.equal(engines.stages().detect?.count, 2);
});

test('stage times are a whole histogram; a part that is not there has no series', async () => {
  const clock = new StageClock();
  for (const ms of [0.1, 3, 30, 5000]) clock.observe('detect', ms);
  const totals = new CameraTotals();
  const stageTimes = () => clock.snapshot();
  const metrics = createMetrics({ ...nothing, totals, scraped: () => ({ frame_slots: 4 }), stageTimes });
  const scrape = new Scrape(await metrics.registry.metrics());
  const buckets = scrape.all('platestream_stage_duration_seconds_bucket').map(({ value }) => value);
  assert.deepEqual(
    buckets,
    [...buckets].sort((a, b) => a - b),
    'cumulative',
  );
  assert.equal(scrape.sum('platestream_stage_duration_seconds_bucket', { le: '+Inf' }), 4);
  assert.equal(scrape.sum('platestream_stage_duration_seconds_count', { stage: 'detect' }), 4);
  assert.ok(Math.abs(scrape.sum('platestream_stage_duration_seconds_sum') - 5.0331) < 1e-9);
  assert.equal(scrape.sum('platestream_frame_slots'), 4);
  assert.equal(scrape.all('platestream_hot_list_version').length, 0);
});
