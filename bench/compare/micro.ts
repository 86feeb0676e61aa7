import Benchmark from 'benchmark';
import { MotionGate, sparseStep } from '../../src/ingest/motion.js';
import { BloomFilter } from '../../src/match/bloom.js';
import { normalisePlate, packFirst, packRest } from '../../src/match/plate.js';
import { spreadOf } from '../../src/sizing/spread.js';
import type { Rate } from './rate.js';

/** The innermost steps, each alone, by the `benchmark` package (which repeats until its error is small). */
export function microBenches(secondsEach: number): Rate[] {
  const [width, height] = [1920 / sparseStep.across, Math.floor(1080 / sparseStep.down)];
  const pixels = Uint8Array.from({ length: width * height }, (_, i) => (i * 31) & 255);
  const gate = new MotionGate({ threshold: 14, zones: [], masks: [] });
  const sparse = { pixels, stride: width, width, height };
  gate.look(sparse, 1920, 1080);
  const bloom = new BloomFilter(new Uint32Array(16 * 4096));
  const [first, rest] = [packFirst('7KDX48'), packRest('7KDX48')];
  const times = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1000);
  const suite = new Benchmark.Suite();
  const options = { maxTime: secondsEach };
  suite.add('motion gate, one 1080p picture', () => gate.look(sparse, 1920, 1080), options);
  suite.add('normalise a plate', () => normalisePlate(' 7kd-x48 '), options);
  suite.add('Bloom filter, packed plate', () => bloom.mayHave(first, rest), options);
  suite.add('percentiles of 1,000 latencies', () => spreadOf(times), options);
  const rates: Rate[] = [];
  suite.on(
    'cycle',
    ({ target }: { target: Benchmark.Target & { name?: string; hz?: number; stats?: { rme: number } } }) => {
      rates.push({
        what: target.name ?? '',
        unit: 'times',
        perSecond: target.hz ?? 0,
        note: `±${(target.stats?.rme ?? 0).toFixed(1)} %`,
      });
    },
  );
  suite.run();
  return rates;
}
