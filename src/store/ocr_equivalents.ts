/** Characters a reader takes for each other on plates; each group is mutual. */
const groups = ['0ODQ', '1IL', '2Z', '5S', '6G', '8B', '4A', '7T', 'UV', 'MN', 'CG', 'EF', 'PR', 'KX'];

function alike(character: string): string {
  const all = groups.filter((group) => group.includes(character)).join('');
  return [...new Set(character + all)].join('');
}

/** Every text that may have been read for this plate, itself first; null when there are more than `max`. */
export function equivalents(plate: string, max: number): string[] | null {
  let texts = [''];
  for (const character of plate) {
    texts = texts.flatMap((text) => [...alike(character)].map((other) => text + other));
    if (texts.length > max) return null;
  }
  return texts;
}

/** The same for a wildcard pattern (`?` one character, `*` any run), as a regular expression over A-Z and 0-9 only. */
export function equivalentPattern(wildcard: string): string {
  const parts = [...wildcard].map((c) => (c === '?' ? '[A-Z0-9]' : c === '*' ? '[A-Z0-9]*' : `[${alike(c)}]`));
  return `^${parts.join('')}$`;
}
