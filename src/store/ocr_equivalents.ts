import { confusableWith } from '../data/confusable.js';

function alike(character: string): string {
  return character + confusableWith(character);
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
