import { readFileSync } from 'node:fs';
import { packagePath } from '../../src/package_root.js';

/** Mutants that no test kills, each with the reason why none can: `{"true areas/... NAME": "reason"}`. */
export type Explained = Readonly<Record<string, string>>;

export function readExplained(): Explained {
  return JSON.parse(readFileSync(packagePath('test', 'policy', 'mutants.json'), 'utf8')) as Explained;
}

/** What became of one mutant; `by` is the test that failed, `null` where none did. */
export interface Tried {
  readonly mutant: string;
  readonly by: string | null;
}

export interface Verdict {
  readonly killed: number;
  /** Survivors with a reason. */
  readonly explained: readonly string[];
  /** Survivors without one. */
  readonly surviving: readonly string[];
  /** Listed as survivors, but killed by a test now, or gone from the code. */
  readonly stale: readonly string[];
}

/** @param wanted the part of a name that the run was narrowed to; what is listed outside it is not judged. */
export function verdictOf(tried: readonly Tried[], explained: Explained, wanted = ''): Verdict {
  const alive = tried.filter(({ by }) => by === null).map(({ mutant }) => mutant);
  const listed = Object.keys(explained).filter((mutant) => mutant.includes(wanted));
  return {
    killed: tried.length - alive.length,
    explained: alive.filter((mutant) => Object.hasOwn(explained, mutant)),
    surviving: alive.filter((mutant) => !Object.hasOwn(explained, mutant)),
    stale: listed.filter((mutant) => !alive.includes(mutant)),
  };
}
