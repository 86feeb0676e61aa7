import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { packagePath } from '../../src/package_root.js';
import type { Rate } from './rate.js';

interface BenchRead {
  readonly clips: readonly {
    readonly platePercent: number;
    readonly framesPerSecond: number;
  }[];
}

/**
 * One engine bound to one core, then two at once on two, an engine a core as `serve` runs them from nine cameras on: frames a second by the
 * clock, which other programs on the machine spoil. One alone is measured before and after, and the mean is what two are compared with.
 * Nothing without `taskset` or a second core.
 */
export async function compareScaling(): Promise<Rate[]> {
  if (availableParallelism() < 2 || spawnSync('taskset', ['--version']).status !== 0) return [];
  const before = await benchRead(0);
  const both = await Promise.all([benchRead(0), benchRead(1)]);
  const after = await benchRead(1);
  return before.clips.flatMap(({ platePercent }, i) => {
    const speed = ({ clips }: BenchRead) => clips[i]?.framesPerSecond ?? 0;
    const alone = (speed(before) + speed(after)) / 2;
    const together = both.reduce((sum, one) => sum + speed(one), 0);
    const plates = `${platePercent} % plates`;
    return [
      { what: `one engine on one core, ${plates}`, unit: 'frames', perSecond: alone, note: 'wall time' },
      {
        what: `two engines on two cores, ${plates}`,
        unit: 'frames',
        perSecond: together,
        note: `wall time: ${(together / alone).toFixed(2)}x of one`,
      },
    ];
  });
}

function benchRead(core: number): Promise<BenchRead> {
  const args = ['bench', 'read', '--quick', '--json', '--engine', 'onnx', '--threads', '1'];
  const child = spawn(
    'taskset',
    ['--cpu-list', String(core), process.execPath, packagePath('bin', 'platestream.js'), ...args],
    {
      timeout: 180_000,
    },
  );
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (said[name] += chunk));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(said.stdout) as BenchRead);
      else reject(new Error(`bench read: ${said.stderr.trim().split('\n').at(-1)}`));
    });
  });
}
