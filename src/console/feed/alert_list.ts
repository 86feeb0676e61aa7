/** What the list needs of an alert: its place in the journal. */
export interface Sequenced {
  readonly sequence: number;
}

/**
 * Alerts newest first, each once, at most `cap`. Pure, so that the promise "none lost, none doubled" is tested without a browser.
 *
 * @param current newest first
 * @param incoming in any order; one whose sequence is there already replaces it
 */
export function mergeAlerts<One extends Sequenced>(
  current: readonly One[],
  incoming: readonly One[],
  cap: number,
): One[] {
  if (incoming.length === 0) return [...current];
  const bySequence = new Map(current.map((one) => [one.sequence, one]));
  for (const one of incoming) bySequence.set(one.sequence, one);
  return [...bySequence.values()].sort((a, b) => b.sequence - a.sequence).slice(0, cap);
}
