import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { packageRoot } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';

/** A room may import its own files and the rooms named here; `src` itself (config, limits, package_root) is open to all. */
const stages = [
  'ingest',
  'pipeline',
  'track',
  'match',
  'alert',
  'store',
  'ledger',
  'policy',
  'bus',
  'simulator',
  'evidence',
];
const below = ['data', 'observe', 'net', 'files'];
/** Services join stages into something that runs; what each may know of the others is said beside it. */
const services: Readonly<Record<string, readonly string[]>> = {
  governed: [],
  cameras: [],
  history: [],
  hot_lists: [],
  live: ['governed'],
  engine: ['cameras'],
  reading: ['engine'],
};
const directions: Readonly<Record<string, readonly string[]>> = {
  data: [],
  observe: ['data'],
  net: ['data'],
  files: ['data'],
  ...Object.fromEntries(stages.map((stage) => [stage, below])),
  api: [...below, ...stages],
  ...Object.fromEntries(
    Object.entries(services).map(([service, others]) => [service, [...below, ...stages, 'api', ...others]]),
  ),
  sizing: [...below, ...stages, ...Object.keys(services)],
  evaluation: [...below, ...stages],
  '.': [...below, ...stages, 'api', ...Object.keys(services)],
  cli: [...below, ...stages, 'api', 'sizing', 'evaluation', ...Object.keys(services), '.'],
};
const openFiles = /^(config|limits|package_root)\.js$/;

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] as string) : '.';
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^\s*(?:import|export)[^'"]*from\s+['"](\.[^'"]+)['"]/gm)].map(
    (found) => found[1] as string,
  );
}

const { test } = suite('import directions');

test('every import goes one way: data <- observe <- stages <- api <- services <- the top <- cli', () => {
  const source = join(packageRoot(), 'src');
  const files = filesBelow(source, '.ts').filter((file) => !file.startsWith('console/'));
  assert.ok(files.length > 10);
  const wrong: string[] = [];
  for (const file of files) {
    for (const target of importsOf(join(source, file))) {
      const path = normalize(join(dirname(file), target));
      const [from, to] = [roomOf(file), roomOf(path)];
      if (from === to || openFiles.test(path)) continue;
      if (!(directions[from] ?? []).includes(to)) wrong.push(`${file} imports ${path}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the console, which runs in a browser, knows of the rest only the types of data', () => {
  const folder = join(packageRoot(), 'src', 'console');
  const files = [...filesBelow(folder, '.ts'), ...filesBelow(folder, '.tsx')];
  const outside = files.flatMap((file) =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/^(import|export) (type )?[^'"]*from\s+['"](\.[^'"]+)['"]/gm)]
      .map(([, , type, target]) => ({ file, type, path: normalize(join(dirname(file), target as string)) }))
      .filter(({ path }) => path.startsWith('..')),
  );
  assert.ok(outside.length > 0);
  for (const { file, type, path } of outside) assert.ok(type && path.startsWith('../data/'), `${file} imports ${path}`);
});

test('only the ledger makes a receipt [III.G]', () => {
  const source = join(packageRoot(), 'src');
  const makers = filesBelow(source, '.ts').filter((file) =>
    /as (?:unknown as )?Receipt\b/.test(readFileSync(join(source, file), 'utf8')),
  );
  assert.deepEqual(
    makers.filter((file) => file !== 'ledger/receipt.ts'),
    [],
  );
});
