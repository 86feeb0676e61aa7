import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from './package_root.js';

/** Titles of tests: those that passed in the last run, or, before any run, those written in the sources. */
export function testTitles(): { readonly titles: readonly string[]; readonly from: 'run' | 'sources' } {
  const report = packagePath('dist', 'test-report.json');
  if (existsSync(report)) {
    const { reports } = JSON.parse(readFileSync(report, 'utf8')) as { reports: { name: string; outcome: string }[] };
    return { titles: reports.filter((one) => one.outcome === 'passed').map((one) => one.name), from: 'run' };
  }
  const folder = packagePath('test');
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const titles = files
    .filter((file) => file.endsWith('.test.ts'))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').match(/['"`].*\[[IV]+\.[^\]]+\].*['"`]/g) ?? []);
  return { titles, from: 'sources' };
}
