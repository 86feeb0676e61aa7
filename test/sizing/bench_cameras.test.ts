import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import type { SizingResult } from '../../src/sizing/run.js';
import { suite } from '../support/suite.js';

const { test, skip } = suite('bench cameras');
const program = packagePath('bin', 'platestream.js');
const bench = (...args: string[]) =>
  spawnSync(process.execPath, [program, 'bench', 'cameras', ...args], { encoding: 'utf8', timeout: 300_000 });

if (existsSync('/proc/self/stat')) {
  test('real cameras, real sockets: frames, cores and latency of one camera, an answer, a chart', () => {
    const folder = mkdtempSync(join(tmpdir(), 'platestream-bench-'));
    const svg = join(folder, 'chart.svg');
    const { status, stdout, stderr } = bench(
      '--quick',
      '--json',
      '--cameras-max',
      '1',
      '--plates',
      '100',
      '--svg',
      svg,
    );
    assert.equal(status, 0, stderr);
    const result = JSON.parse(stdout) as SizingResult;
    const [step] = result.steps;
    assert.ok(step && step.cameras === 1 && result.steps.length === 1);
    assert.ok(step.frames.captured > 0 && step.frames.analysed > 0 && step.frames.analysed <= step.frames.captured);
    assert.ok(
      step.cores.engine > 0 && step.cores.simulator > 0 && step.rssBytes.engine > 0 && step.rssBytes.control > 0,
    );
    assert.ok((step.stages['detect'] ?? 0) > 0, 'stages are timed');
    assert.ok(step.alerts > 0 && step.latencyMs.p50 > 0, 'alerts came and took time');
    assert.equal(result.carried, step.limit === null ? 1 : 0);
    assert.match(readFileSync(svg, 'utf8'), /^<svg [\s\S]+<\/svg>\n$/);
    rmSync(folder, { recursive: true });
  });
} else {
  skip('real cameras', 'what processes use is read from /proc, which is Linux');
}

test('wrong options: one line, exit code 2', () => {
  for (const [args, expected] of [
    [['--codec', 'av1'], /--codec av1: must be one of h264, h265/],
    [['--fps', '0'], /--fps 0: must be a whole number from 1 to 60/],
    [['--plates', '50'], /--plates 50: must be one of 0, 20, 100/],
    [['--clip', '/none.mp4'], /--clip \/none\.mp4: no such file/],
  ] as const) {
    const { status, stderr } = bench(...args);
    assert.equal(status, 2);
    assert.match(stderr, expected);
  }
});
