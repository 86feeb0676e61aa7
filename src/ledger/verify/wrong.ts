/** The first thing that is wrong with a ledger. */
export interface Bad {
  /** Sequence number of the first record that is wrong. */
  readonly sequence: number;
  readonly problem: 'altered' | 'removed' | 'inserted' | 'swapped' | 'forged' | 'cut_off' | 'checkpoint' | 'unsigned';
  readonly sentence: string;
}

/** Ends a check at the first thing that is wrong. */
export class Wrong extends Error {
  readonly bad: Bad;
  constructor(sequence: number, problem: Bad['problem'], sentence: string) {
    super(sentence);
    this.bad = { sequence, problem, sentence };
  }
}

export function removed(sequence: number, how: string): Wrong {
  return new Wrong(sequence, 'removed', `record ${sequence} is missing: ${how}`);
}
