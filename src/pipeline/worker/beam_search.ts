/** Probability of every text that the columns may spell, the likeliest texts only. */
export type Beams = ReadonlyMap<string, number>;

/** Texts kept from column to column. */
const beamsMax = 16;
/** A text so much less likely than the likeliest one is not followed: most plates are read with a handful of beams. */
const beamShareMin = 1e-5;
/** A character less likely than this in a column is not there. */
const characterMin = 1e-3;

/** Probabilities of a text's alignments so far: those that end in the blank, and those that end in its last character. */
interface Beam {
  readonly blank: number;
  readonly character: number;
}

const none: Beam = { blank: 0, character: 0 };

/**
 * CTC prefix beam search without a language model (Graves et al. 2006; Hannun et al. 2014).
 * @param chars probabilities [steps, alphabet] from `offset`; index 0 is the blank
 */
export function beamSearch(chars: Float32Array, offset: number, steps: number, alphabet: string): Beams {
  let beams = new Map<string, Beam>([['', { blank: 1, character: 0 }]]);
  for (let step = 0; step < steps; step++) {
    const column = chars.subarray(offset + step * alphabet.length, offset + (step + 1) * alphabet.length);
    const seen = charactersIn(column);
    beams = seen.length === 0 ? afterBlank(beams, column[0] as number) : afterColumn(beams, column, seen, alphabet);
  }
  return new Map([...beams].map(([text, { blank, character }]) => [text, blank + character]));
}

function charactersIn(column: Float32Array): number[] {
  const seen: number[] = [];
  for (let k = 1; k < column.length; k++) if ((column[k] as number) > characterMin) seen.push(k);
  return seen;
}

function afterBlank(beams: Map<string, Beam>, p: number): Map<string, Beam> {
  return new Map([...beams].map(([text, beam]) => [text, { blank: (beam.blank + beam.character) * p, character: 0 }]));
}

function afterColumn(
  beams: Map<string, Beam>,
  column: Float32Array,
  seen: readonly number[],
  alphabet: string,
): Map<string, Beam> {
  const after = new Map<string, Beam>();
  const add = (text: string, blank: number, character: number) => {
    const held = after.get(text) ?? none;
    after.set(text, { blank: held.blank + blank, character: held.character + character });
  };
  for (const [text, { blank, character }] of beams) {
    const last = text === '' ? 0 : alphabet.indexOf(text.at(-1) as string);
    add(text, (blank + character) * (column[0] as number), last === 0 ? 0 : character * (column[last] as number));
    for (const k of seen) {
      // The same character again is a new one only after a blank.
      add(text + alphabet[k], 0, (k === last ? blank : blank + character) * (column[k] as number));
    }
  }
  return likeliest(after);
}

function likeliest(beams: Map<string, Beam>): Map<string, Beam> {
  const p = ({ blank, character }: Beam) => blank + character;
  let most = 0;
  for (const beam of beams.values()) most = Math.max(most, p(beam));
  for (const [text, beam] of beams) if (p(beam) < most * beamShareMin) beams.delete(text);
  if (beams.size <= beamsMax) return beams;
  return new Map([...beams].sort(([, x], [, y]) => p(y) - p(x)).slice(0, beamsMax));
}
