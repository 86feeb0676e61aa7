/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * Which character of `text` stands for each character of `reference`: its index, or -1 (longest common subsequence; runs of equal
 * length between two common characters are paired one to one).
 */
export function align(text: string, reference: string): number[] {
  if (text.length === reference.length) return Array.from(reference, (_, i) => i);
  const common = commonSuffixes(text, reference);
  const at = new Array<number>(reference.length).fill(-1);
  let [i, j] = [0, 0];
  while (i < text.length && j < reference.length) {
    const skipText = common[i + 1]?.[j] as number;
    const skipReference = common[i]?.[j + 1] as number;
    if (text[i] === reference[j]) at[j++] = i++;
    else if (skipText === skipReference && text.length - i === reference.length - j) at[j++] = i++;
    else if (skipText > skipReference || (skipText === skipReference && text.length > reference.length)) i++;
    else j++;
  }
  return at;
}

/** Length of the longest common subsequence of every pair of suffixes. */
function commonSuffixes(a: string, b: string): number[][] {
  const table = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const [down, right] = [table[i + 1] as number[], table[i] as number[]];
      right[j] = a[i] === b[j] ? (down[j + 1] as number) + 1 : Math.max(down[j] as number, right[j + 1] as number);
    }
  }
  return table;
}
