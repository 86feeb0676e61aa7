import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { instrumented, makersOf, type Rule, rulesOf } from './rules.js';

const policyFolder = packagePath('dist', 'src', 'policy');

/** The compiled files that hold rules, by their path below `src/policy`; `refusal.js` only says what a refusal is. */
function policyTexts(): Map<string, string> {
  const files = filesBelow(policyFolder, '.js').filter((file) => file !== 'refusal.js');
  return new Map(files.map((file) => [file, readFileSync(join(policyFolder, file), 'utf8')]));
}

function rulesByFile(): Map<string, { readonly text: string; readonly rules: readonly Rule[] }> {
  const texts = policyTexts();
  const makers = makersOf([...texts.values()]);
  return new Map([...texts].map(([file, text]) => [file, { text, rules: rulesOf(file, text, makers) }]));
}

/** Every rule of `src/policy`, as it was compiled. */
export function policyRules(): Rule[] {
  return [...rulesByFile().values()].flatMap(({ rules }) => rules);
}

/** A copy of the compiled program and its tests in which each rule can be forced; below the package, where it finds its modules. */
export function makeCopy(name: string): string {
  const copy = packagePath('dist-mutants', name);
  rmSync(copy, { recursive: true, force: true });
  for (const part of ['src', 'test']) cpSync(packagePath('dist', part), join(copy, part), { recursive: true });
  for (const [file, { text, rules }] of rulesByFile()) {
    const target = join(copy, 'src', 'policy', file);
    const from = relative(dirname(target), join(copy, 'test', 'mutants', 'forced.js'));
    writeFileSync(target, instrumented(text, rules, from));
  }
  return copy;
}
