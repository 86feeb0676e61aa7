import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { packagePath, packageRoot } from '../src/package_root.js';
import { filesBelow } from './support/files.js';
import type { TestReport } from './support/suite.js';

/**
 * `node dist/test/run.js [part of a path]...`: runs each test file in its own process, a few at a time, and fails unless every
 * planned test reported an outcome. Ends with the slowest files, each failure once more, and `N passed, N failed, N skipped`. The outcomes, with the policy clauses
 * named in test titles, are left in `dist/test-report.json` for `platestream policy clauses`.
 * With `PLATESTREAM_LONG=1` (`npm run test:long`) the long runs have hours, say how far they are, and leave no report: name their files.
 */
const long = process.env['PLATESTREAM_LONG'] === '1';
const fileTimeoutMs = long ? 24 * 3_600_000 : 15 * 60_000;
const exitTimeoutMs = 60_000;
/** One more than there are cores: half of what the files take is waiting for clips, clocks and processes. */
const lanes = Math.min(4, availableParallelism() + 1);
/** What takes minutes begins first, so that no lane waits for it in the end. */
const longest = ['pipeline/parity', 'console/screens', 'live/survive', 'live/kill_http'];
type Message = ({ kind: 'report' } & TestReport) | { kind: 'planned'; count: number } | { kind: 'done' };

function findTests(wanted: readonly string[]): string[] {
  const root = packagePath('dist', 'test');
  const files = filesBelow(root, '.test.js');
  return files
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort((a, b) => placeOf(a) - placeOf(b))
    .map((f) => join(root, f));
}

function placeOf(file: string): number {
  const at = longest.findIndex((name) => file.startsWith(name));
  return at < 0 ? longest.length : at;
}

/** Runs one file; every way of not finishing becomes a failed report. */
function runFile(file: string): Promise<TestReport[]> {
  return new Promise((resolve) => {
    const name = relative(packagePath('dist', 'test'), file);
    const startedAt = performance.now();
    const reports: TestReport[] = [];
    let planned: number | null = null;
    const output: Buffer[] = [];
    const child = fork(packagePath('dist', 'test', 'support', 'child.js'), [file], {
      silent: true,
      cwd: packageRoot(),
    });
    let verdict = '';
    const stop = (reason: string) => {
      verdict = reason;
      child.kill('SIGKILL');
    };
    let timer = setTimeout(() => stop(`no end after ${fileTimeoutMs} ms`), fileTimeoutMs);
    child.stdout?.on('data', (chunk: Buffer) => (long ? process.stdout.write(chunk) : output.push(chunk)));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('message', (message: Message) => {
      if (message.kind === 'planned') planned = message.count;
      else if (message.kind === 'report') reports.push(message);
      else {
        clearTimeout(timer);
        timer = setTimeout(() => stop('tests ended but the process did not: a handle leaks'), exitTimeoutMs);
      }
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const failed = reports.filter((r) => r.outcome === 'failed').length;
      const problem =
        verdict ||
        (planned === null && `ended before its tests were planned (exit ${code ?? signal})`) ||
        (planned === 0 && 'no tests') ||
        (planned !== null && reports.length < planned && `${planned} tests planned, ${reports.length} reported`) ||
        (failed === 0 && code !== 0 && `exit ${code ?? signal}`);
      if (problem) reports.push({ name, outcome: 'failed', reason: problem });
      seconds.set(name, (performance.now() - startedAt) / 1000);
      print(name, reports, output);
      resolve(reports);
    });
  });
}

function print(name: string, reports: readonly TestReport[], output: readonly Buffer[]): void {
  const failed = reports.filter((r) => r.outcome === 'failed');
  const lines = [`${failed.length ? 'FAIL' : 'ok  '} ${name} (${reports.length})`];
  for (const r of reports) if (r.outcome === 'skipped') lines.push(`     skipped: ${r.name}: ${r.reason}`);
  for (const r of failed) lines.push(`     failed: ${r.name}\n${r.reason}`);
  if (failed.length) lines.push(Buffer.concat(output).toString().slice(-8000));
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What to look at first: where the time went, then each failure again, whose output may be a thousand lines above. */
function closing(reports: readonly TestReport[]): string {
  const slow = [...seconds].sort(([, a], [, b]) => b - a).slice(0, 10);
  const lines = ['', 'slowest files:', ...slow.map(([name, took]) => `${took.toFixed(0).padStart(5)} s  ${name}`)];
  const failed = reports.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) lines.push('', 'failed:');
  for (const { name, reason = '' } of failed)
    lines.push(`  ${name}: ${reason.split('\n').slice(0, 12).join('\n    ')}`);
  return `${lines.join('\n')}\n\n`;
}

function saveReport(reports: readonly TestReport[]): void {
  mkdirSync(packagePath('dist'), { recursive: true });
  writeFileSync(packagePath('dist', 'test-report.json'), JSON.stringify({ at: new Date().toISOString(), reports }));
}

const wanted = process.argv.slice(2);
const waiting = findTests(wanted);
const all: TestReport[] = [];
const seconds = new Map<string, number>();
if (waiting.length === 0) all.push({ name: 'run', outcome: 'failed', reason: 'no test file found' });
async function lane(): Promise<void> {
  for (let file = waiting.shift(); file; file = waiting.shift()) all.push(...(await runFile(file)));
}
await Promise.all(Array.from({ length: lanes }, lane));
if (!long) saveReport(all);
process.stdout.write(closing(all));
const count = (outcome: TestReport['outcome']) => all.filter((r) => r.outcome === outcome).length;
process.stdout.write(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped\n`);
process.exitCode = count('failed') ? 1 : 0;
