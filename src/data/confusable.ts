/** Characters a reader takes for each other on plates; each group is mutual. */
const confusableGroups = ['0ODQ', '1IL', '2Z', '5S', '6G', '8B', '4A', '7T', 'UV', 'MN', 'CG', 'EF', 'PR', 'KX'];

/** The characters that may be meant by one that was read, without itself. */
export function confusableWith(character: string): string {
  const all = confusableGroups.filter((group) => group.includes(character)).join('');
  return [...new Set(all)].filter((other) => other !== character).join('');
}
