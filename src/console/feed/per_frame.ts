const hiddenPageMs = 250;

/**
 * Gathers what comes and hands it on once per animation frame, in order; a page that draws no frames (hidden, minimised) gets it by a
 * timer, so that sound is not late.
 */
export function perFrame<Item>(deliver: (items: readonly Item[]) => void): (item: Item) => void {
  let waiting: Item[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    deliver(items);
  };
  return (item) => {
    waiting.push(item);
    if (waiting.length > 1) return;
    requestAnimationFrame(flush);
    setTimeout(flush, hiddenPageMs);
  };
}
