/**
 * Waits, at least a minute, until `condition` holds (returns something truthy) and returns that; throws what was awaited when the deadline passes.
 * Polls on the event loop, so a fast condition costs nothing.
 */
export async function until<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  asked = 0,
): Promise<NonNullable<Value>> {
  const deadlineMs = Math.max(60_000, asked);
  const startedAt = performance.now();
  for (let pauseMs = 1; ; pauseMs = Math.min(50, pauseMs * 2)) {
    const value = await condition();
    if (value) return value;
    if (performance.now() - startedAt > deadlineMs) throw new Error(`waited ${deadlineMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
