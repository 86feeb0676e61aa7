/** Letters and digits only, capitals: what the protocol compares. */
export const normalised = (text: string) => text.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** Some papers take O for 0 and I for 1. */
export const merged = (text: string) => text.replaceAll('O', '0').replaceAll('I', '1');

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] as number;
}
