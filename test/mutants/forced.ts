import { appendFileSync } from 'node:fs';

/**
 * What the copy of the program under `dist-mutants` asks in place of each rule's condition. `PLATESTREAM_MUTANT` forces one rule
 * (`true NAME`: it never refuses; `false NAME`: it always does); `PLATESTREAM_REACHED` names a file that takes down which rules were
 * asked and what they said, once each.
 */
const mutant = process.env['PLATESTREAM_MUTANT'] ?? '';
const reachedFile = process.env['PLATESTREAM_REACHED'] ?? '';
const reached = new Set<string>();

/** In place of a condition under which nothing is refused. */
export function rule<Value>(name: string, condition: Value): Value | boolean {
  if (mutant === `true ${name}`) return true;
  if (mutant === `false ${name}`) return false;
  if (reachedFile !== '') takeDown(`${Boolean(condition)} ${name}`);
  return condition;
}

/** In place of the answer of other rules. */
export function answer<Refused>(name: string, refused: Refused | null): Refused | null {
  return rule(name, refused === null) ? null : refused;
}

/** The same for several. */
export function* answers<Refused>(name: string, refused: Iterable<Refused | null>): Iterable<Refused | null> {
  for (const one of refused) yield answer(name, one);
}

function takeDown(line: string): void {
  if (reached.has(line)) return;
  reached.add(line);
  appendFileSync(reachedFile, `${line}\n`);
}
