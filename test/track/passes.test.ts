import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import type { ReadReport } from '../../src/data/read.js';
import { startEngineFlow } from '../../src/engine/flow.js';
import { cameraSettings } from '../../src/ingest/settings.js';
import { silentLog } from '../../src/observe/log.js';
import { packagePath } from '../../src/package_root.js';
import { openPipeline, type Pipeline } from '../../src/pipeline/pipeline.js';
import { pipelineSettings } from '../../src/pipeline/settings.js';
import { type Reading, vote } from '../../src/track/vote.js';
import { sharedPath } from '../support/shared_data.js';
import { suite } from '../support/suite.js';

const { test, skip, before, after } = suite('one read per vehicle pass');
let pipeline: Pipeline;

before(async () => {
  const opened = await openPipeline(pipelineSettings.parse({ inference: 'onnx' }));
  assert.ok(opened.ok, opened.ok ? '' : opened.error);
  pipeline = opened.value;
});
after(() => pipeline.close());

const reading = (text: string, confidence: number): Reading => ({
  text,
  confidence,
  characters: [...text].map(() => confidence),
  alternatives: [{ text, confidence }],
  weight: confidence,
});

test('more frames that agree never make a read less sure, and one frame is no surer than itself', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.1, max: 0.99, noNaN: true }),
      fc.integer({ min: 1, max: 20 }),
      (confidence, count) => {
        const one = vote([reading('7ABC12', confidence)]);
        const many = vote(Array.from({ length: count }, () => reading('7ABC12', confidence)));
        assert.ok(one && many);
        assert.ok(one.confidence <= confidence + 1e-9);
        assert.ok(many.confidence >= one.confidence - 1e-9 && many.confidence <= 1);
      },
    ),
  );
});

test('the many outvote the odd frame, character by character', () => {
  const readings = ['7ABC12', '7A8C12', '7ABC12', '7ABC1Z', '7ABC12'].map((text) => reading(text, 0.7));
  assert.equal(vote(readings)?.text, '7ABC12');
});

test('a look-alike that every frame held possible stays among the alternatives, and the text is never surer than its frames allow', () => {
  const doubtful: Reading = {
    ...reading('LSI5EBC', 0.75),
    alternatives: [
      { text: 'LSI5EBC', confidence: 0.75 },
      { text: 'LS15EBC', confidence: 0.2 },
    ],
  };
  const verdict = vote(Array.from({ length: 12 }, () => doubtful));
  assert.equal(verdict?.text, 'LSI5EBC');
  assert.equal(verdict?.alternatives[0]?.text, verdict?.text);
  const other = verdict?.alternatives.find(({ text }) => text === 'LS15EBC');
  assert.ok(other && other.confidence > 0.05, `${other?.confidence}`);
  assert.ok(verdict && verdict.confidence < 0.95 && verdict.confidence > 0.75);
});

/** Plays a file at its own speed through the engine. */
async function readsOf(file: string): Promise<{ reports: ReadReport[]; balanced: boolean }> {
  const reports: ReadReport[] = [];
  const flow = startEngineFlow({
    cameras: [cameraSettings.parse({ id: 'file', url: file, slots: 16 })],
    pipeline,
    run: 'test',
    onReport: (report) => reports.push(report),
    log: silentLog,
  });
  await flow.ended;
  const counts = flow.status()[0]?.counts;
  assert.ok(counts && counts.captured > 0 && counts.inFlight === 0);
  return { reports, balanced: counts.captured === counts.read + counts.empty + counts.dropped + counts.failed };
}

test('rendered street: each early and final report of a pass shares its id, evidence is of the frame that was read', async () => {
  const { reports, balanced } = await readsOf(packagePath('assets', 'clips', 'two-line.mp4'));
  assert.ok(balanced);
  const finals = reports.filter((report) => report.stage === 'final');
  assert.ok(finals.length >= 1);
  assert.equal(new Set(finals.map((report) => report.read.id)).size, finals.length);
  for (const { read } of reports) {
    assert.ok(read.evidence.vehicle.length > 1000 && read.evidence.plate.length > 200);
    assert.ok(read.plate && read.capturedAtMs >= read.firstSeenAtMs && read.confidence > 0 && read.confidence <= 1);
  }
});

test('an empty road gives no read', async () => {
  const { reports, balanced } = await readsOf(packagePath('assets', 'clips', 'empty-road.mp4'));
  assert.ok(balanced);
  assert.deepEqual(
    reports.map((report) => report.stage),
    [],
  );
});

const carPark = sharedPath('video', 'intel_car-detection.mp4');
if ('skip' in carPark) skip('a car park with plates too small gives nothing to alert on', carPark.skip);
else
  test('a car park with plates too small gives nothing to alert on', async () => {
    const { reports } = await readsOf(carPark.path);
    assert.deepEqual(
      reports.filter((report) => report.stage === 'early'),
      [],
    );
  });

const britishCar = sharedPath('video', 'aiguys_license_plate.mp4');
if ('skip' in britishCar) skip('a car that stays in view for a whole clip is one read', britishCar.skip);
else
  test('a car that stays in view for a whole clip is one read', async () => {
    const { reports } = await readsOf(britishCar.path);
    assert.equal(reports.filter((report) => report.stage === 'final').length, 1);
  });
