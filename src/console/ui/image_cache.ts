/** Pictures in memory only, each asked for once: every look at one is recorded, so the page does not look twice by accident. */
const keptMax = 160;
const kept = new Map<string, Promise<string | null>>();

/** @returns an address of the picture's bytes in this page's memory, or `null` when it may not or cannot be shown. */
export function pictureAddress(src: string): Promise<string | null> {
  const known = kept.get(src);
  if (known !== undefined) {
    kept.delete(src);
    kept.set(src, known);
    return known;
  }
  const loading = load(src);
  kept.set(src, loading);
  void loading.then((address) => address === null && kept.delete(src));
  forgetOldest();
  return loading;
}

async function load(src: string): Promise<string | null> {
  try {
    const response = await fetch(src, { credentials: 'same-origin', cache: 'no-store' });
    return response.ok ? URL.createObjectURL(await response.blob()) : null;
  } catch {
    return null;
  }
}

function forgetOldest(): void {
  const [oldest] = kept;
  if (kept.size <= keptMax || oldest === undefined) return;
  kept.delete(oldest[0]);
  void oldest[1].then((address) => address && URL.revokeObjectURL(address));
}

/** At sign-out: nothing stays in memory for the next person. */
export function forgetPictures(): void {
  for (const loading of kept.values()) void loading.then((address) => address && URL.revokeObjectURL(address));
  kept.clear();
}
