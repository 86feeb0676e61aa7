import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../../src/package_root.js';
import { filesBelow } from '../support/files.js';
import { suite } from '../support/suite.js';
import { makeCopy, policyRules } from './copy.js';
import { readExplained, verdictOf } from './explained.js';
import { instrumented, makersOf, rulesOf } from './rules.js';
import { runFile } from './run_file.js';
import { mutantsOf } from './try_all.js';

const { test } = suite('mutants of the policy');

/** How often the sources of the policy say something. */
function timesSaid(pattern: RegExp): number {
  const folder = packagePath('src', 'policy');
  const texts = filesBelow(folder, '.ts').map((file) => readFileSync(join(folder, file), 'utf8'));
  return texts.reduce((sum, text) => sum + [...text.matchAll(pattern)].length, 0);
}

function wrappedWith(before: string): number {
  return policyRules().filter(({ wrap }) => wrap[0].startsWith(before)).length;
}

test('every rule of the sources is found, each under a name of its own', () => {
  const rules = policyRules();
  assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
  assert.equal(wrappedWith('$forced.answers('), timesSaid(/yield\* \w+\(/g));
  const conditions = rules.filter(({ name }) => / [A-Z_]{5,} \S+( #\d+)?$/.test(name));
  // One `need` and three refusals say how a refusal is made; the helpers that word a refusal are rules where they are called.
  assert.ok(conditions.length >= timesSaid(/(yield|return) need\(/g), `${conditions.length} conditions`);
});

test('a condition, a guard, a last word, a delegate and a question are wrapped; what makes a refusal is not', () => {
  const text = `
    function late() { return refusal('EXPIRED', 'I', 'too late'); }
    function* rules(x) { yield need(x > 1, 'WRONG', 'II', 'more'); yield* open(x); yield exists(x); }
    function check(x) { if (x.done) return null; if (x.old) return late(); return refusal('ODD', 'III', 'no'); }
    function isLive(x) { if (x.dead) return false; return x.live; }`;
  const rules = rulesOf('a.js', text, makersOf([text]));
  assert.deepEqual(rules.map(({ name, forces }) => `${name}: ${forces.join(' ')}`).sort(), [
    'a check ODD III: true',
    'a check accepts: true false',
    'a check late(): true false',
    'a file WRONG II: true false',
    'a file exists(): true',
    'a file open(): true',
    'a isLive says #2: true false',
    'a isLive says: true',
  ]);
  const wrapped = instrumented(text, rules, './forced.js');
  assert.ok(wrapped.includes(`need($forced.rule("a file WRONG II", x > 1), 'WRONG'`), wrapped);
  assert.ok(wrapped.includes(`if (!$forced.rule("a check late()", !(x.old))) return late()`), wrapped);
  assert.ok(wrapped.includes(`return $forced.answer("a check ODD III", refusal('ODD', 'III', 'no'))`), wrapped);
});

test('the tests of manual entries pass on the copy, and notice a supervisor who enters what they asked for [IV.A.7.c]', async () => {
  const copy = makeCopy('one');
  const file = 'policy/entries.test.js';
  const rule = 'areas/entries entry.create SELF_APPROVAL IV.A.7.c';
  const healthy = await runFile(copy, file, null);
  assert.equal(healthy.failed, null);
  assert.ok(healthy.reached.has(`true ${rule}`) && healthy.reached.has(`false ${rule}`));
  for (const force of ['true', 'false']) {
    const { failed } = await runFile(copy, file, `${force} ${rule}`);
    assert.match(failed ?? 'survived', /both are on record/);
  }
});

test('what survives is listed with a reason, and a listed mutant that is killed or gone is said', () => {
  const tried = [
    { mutant: 'true a', by: 'x.test.js' },
    { mutant: 'true b', by: null },
    { mutant: 'true c', by: null },
  ];
  const verdict = verdictOf(tried, {
    'true a': 'killed now',
    'true b': 'another rule says the same',
    'true d': 'gone',
  });
  assert.deepEqual(verdict, { killed: 1, explained: ['true b'], surviving: ['true c'], stale: ['true a', 'true d'] });
});

test('test/policy/mutants.json lists mutants that exist', () => {
  const known = mutantsOf(policyRules());
  for (const [mutant, reason] of Object.entries(readExplained())) {
    assert.ok(known.includes(mutant), mutant);
    assert.ok(reason.length > 20, `${mutant}: say why no test can kill it`);
  }
});
