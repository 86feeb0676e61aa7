import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { filesBelow } from '../support/files.js';
import type { Tried } from './explained.js';
import type { Rule } from './rules.js';
import { type Outcome, runFile } from './run_file.js';

/** The tests that mutants are tried on: those of the policy, and of the API what needs no store and no camera. */
const folders = /^(policy\/|api\/(session|authorisation|passkeys|objects)\.)/;

/** How a test file ended on the program as it is. */
export interface Healthy extends Outcome {
  readonly file: string;
}

/** Runs the tests once without a mutant: which rules each file reaches, and how long it takes. */
export async function runHealthy(copy: string): Promise<Healthy[]> {
  const files = filesBelow(join(copy, 'test'), '.test.js').filter((file) => folders.test(file));
  const healthy = await inLanes(files, async (file) => ({ file, ...(await runFile(copy, file, null)) }));
  const failed = healthy.find((one) => one.failed !== null);
  if (failed !== undefined) throw new Error(`${failed.file} fails without a mutant: ${failed.failed}`);
  return healthy.sort((a, b) => a.ms - b.ms);
}

export function mutantsOf(rules: readonly Rule[]): string[] {
  return rules.flatMap(({ name, forces }) => forces.map((force) => `${force} ${name}`));
}

/** Tries each mutant on the files that can tell it from the program, cheapest first, until one fails. */
export function tryAll(
  copy: string,
  mutants: readonly string[],
  healthy: readonly Healthy[],
  onTried: (tried: Tried) => void,
): Promise<Tried[]> {
  return inLanes(mutants, async (mutant) => {
    const tried = { mutant, by: await killerOf(copy, mutant, healthy) };
    onTried(tried);
    return tried;
  });
}

async function killerOf(copy: string, mutant: string, healthy: readonly Healthy[]): Promise<string | null> {
  for (const { file } of healthy.filter(({ reached }) => reached.has(opposite(mutant)))) {
    const { failed } = await runFile(copy, file, mutant);
    if (failed !== null) return `${file}: ${failed}`;
  }
  return null;
}

/** Forcing a rule to what it says anyway changes nothing: only who has heard it say the opposite can notice. */
function opposite(mutant: string): string {
  const [force, ...name] = mutant.split(' ');
  return [force === 'true' ? 'false' : 'true', ...name].join(' ');
}

async function inLanes<Item, Value>(items: readonly Item[], work: (item: Item) => Promise<Value>): Promise<Value[]> {
  const waiting = [...items.entries()];
  const values: Value[] = [];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) values[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return values;
}
