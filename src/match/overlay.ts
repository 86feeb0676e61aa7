import { canarySource } from '../data/alert.js';
import type { HotListEntry } from '../data/match.js';
import { packedKey, packFirst, packRest } from './plate.js';

/** What changes between two imports: a department's own entries, and entries that must no longer match. Immutable. */
export interface OverlayContent {
  /** Grows with every change, on the node that signs. */
  readonly version: number;
  readonly atMs: number;
  /** Manual entries that match now [IV.A.7]; plates may hold `?` and `*`. */
  readonly entries: readonly HotListEntry[];
  /** Entry -> when it was removed; it stays silent until a list compiled later names it again [IV.A.8.a(2)]. */
  readonly removed: Readonly<Record<string, number>>;
  /** Categories that may match at all [IV.A.3, IV.A.4]; `null`: whatever was loaded. */
  readonly categories: readonly string[] | null;
}

export const noOverlay: OverlayContent = { version: 0, atMs: 0, entries: [], removed: {}, categories: null };

/** The overlay as the matcher asks it. */
export class Overlay {
  readonly content: OverlayContent;
  readonly #exact = new Map<number, HotListEntry[]>();
  readonly wildcards: readonly { readonly pattern: RegExp; readonly entry: HotListEntry }[];
  readonly #categories: ReadonlySet<string> | null;

  constructor(content: OverlayContent) {
    this.content = content;
    this.#categories = content.categories === null ? null : new Set(content.categories);
    const isWildcard = ({ plate }: HotListEntry) => /[?*]/.test(plate);
    this.wildcards = content.entries
      .filter(isWildcard)
      .map((entry) => ({ entry, pattern: new RegExp(`^${patternOf(entry.plate)}$`) }));
    for (const entry of content.entries) if (!isWildcard(entry)) this.#add(entry);
  }

  #add(entry: HotListEntry): void {
    const key = packedKey(packFirst(entry.plate), packRest(entry.plate));
    const same = this.#exact.get(key);
    if (same) same.push(entry);
    else this.#exact.set(key, [entry]);
  }

  entriesOf(first: number, rest: number): readonly HotListEntry[] {
    return this.#exact.get(packedKey(first, rest)) ?? [];
  }

  /** Removed since the list that holds it was compiled. */
  isRemoved(entryId: string, compiledAtMs: number): boolean {
    return Object.hasOwn(this.content.removed, entryId) && compiledAtMs <= (this.content.removed[entryId] as number);
  }

  allows({ category, source }: HotListEntry): boolean {
    return this.#categories === null || this.#categories.has(category) || source === canarySource;
  }
}

/** At most twelve characters of A-Z, 0-9, `?`, `*`: nothing in it needs escaping, and no text is longer than ten. */
function patternOf(wildcard: string): string {
  return wildcard.replaceAll('?', '.').replace(/\*+/g, '.*');
}
