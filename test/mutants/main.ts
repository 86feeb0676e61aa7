import { parseArgs } from 'node:util';
import { makeCopy, policyRules } from './copy.js';
import { readExplained, type Tried, type Verdict, verdictOf } from './explained.js';
import { mutantsOf, runHealthy, tryAll } from './try_all.js';

const help = `Usage: npm run test:mutants -- [part of a name] [--json]

Makes each rule of src/policy wrong, one at a time, and runs the tests that reach it: "true NAME" is a rule that never
refuses, "false NAME" one that always does. A mutant that no test notices survives; it ends the command with 1 unless
test/policy/mutants.json says why no test can, and so does a listed one that is killed or gone.

  part of a name   only rules whose name contains it, such as areas/entries, hit.close or IV.A.7.d
  --json           one JSON object on standard output
  --help           this text
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

const progressEveryMs = 10_000;

async function run(wanted: string): Promise<number> {
  const startedAt = performance.now();
  const rules = policyRules().filter(({ name }) => name.includes(wanted));
  const copy = makeCopy('full');
  progress(`${rules.length} rules; running the tests without a mutant`);
  const healthy = await runHealthy(copy);
  const mutants = mutantsOf(rules);
  const tried = await tryAll(copy, mutants, healthy, reporter(mutants.length));
  const verdict = verdictOf(tried, readExplained(), wanted);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const figures = { rules: rules.length, mutants: mutants.length, ...verdict, seconds };
  process.stdout.write(values.json ? `${JSON.stringify({ ...figures, tried })}\n` : inWords(figures));
  return mutants.length > 0 && verdict.surviving.length === 0 && verdict.stale.length === 0 ? 0 : 1;
}

/** Says each survivor as it is found, and now and then how far the run is. */
function reporter(total: number): (tried: Tried) => void {
  let [done, alive, saidAtMs] = [0, 0, performance.now()];
  return ({ mutant, by }) => {
    done += 1;
    if (by === null) alive += 1;
    if (by === null) progress(`survives: ${mutant}`);
    if (performance.now() - saidAtMs < progressEveryMs) return;
    saidAtMs = performance.now();
    progress(`${done} of ${total} mutants, ${alive} survive so far`);
  };
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function inWords(one: Verdict & { rules: number; mutants: number; seconds: number }): string {
  const lines = [
    ...one.surviving.map((mutant) => `survives without a reason: ${mutant}`),
    ...one.stale.map((mutant) => `listed in test/policy/mutants.json, but killed or gone: ${mutant}`),
    `${one.rules} rules, ${one.mutants} mutants in ${one.seconds} s: ${one.killed} killed, ${one.explained.length} explained, ${one.surviving.length} surviving`,
  ];
  return `${lines.join('\n')}\n`;
}

if (values.help) process.stdout.write(help);
else process.exitCode = await run(positionals[0] ?? '');
