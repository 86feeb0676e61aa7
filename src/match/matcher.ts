import type { HotListEntry, Match, StateAgreement } from '../data/match.js';
import type { Read } from '../data/read.js';
import type { Clock } from '../observe/clock.js';
import type { HotList } from './hot_list.js';
import type { HotListSettings } from './settings.js';

export type SuppressReason = 'list_expired' | 'entry_expired' | 'unlikely';

export interface Matched {
  readonly matches: readonly Match[];
  readonly suppressed: readonly { readonly reason: SuppressReason; readonly entryId: string }[];
}

const hourMs = 3_600_000;
/** How much a conflict of the state of issuance speaks against a match, an agreement for it. */
const stateFactor: Readonly<Record<StateAgreement, number>> = { agree: 1, unknown: 0.9, conflict: 0.5 };

/**
 * Compares reads with the hot list: the read's alternatives, most probable first, through the Bloom filter, then exactly. A conflict
 * of states is shown, never hidden: a plate without its state is not a vehicle [IV.A.8.a(1)].
 */
export class Matcher {
  #list: HotList | null = null;
  readonly #settings: HotListSettings;
  readonly #clock: Clock;

  constructor(settings: HotListSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Takes another version from the next read on. */
  use(list: HotList): void {
    this.#list = list;
  }

  get list(): HotList | null {
    return this.#list;
  }

  match(read: Read): Matched {
    const list = this.#list;
    if (!list) return { matches: [], suppressed: [] };
    const matches: Match[] = [];
    const suppressed: { reason: SuppressReason; entryId: string }[] = [];
    const seen = new Set<string>();
    for (const { text, confidence } of read.alternatives) {
      if (confidence < this.#settings.alternativeConfidenceMin || !list.bloom.mayHave(text)) continue;
      for (const entry of list.entriesOf(text)) {
        if (seen.has(entry.entryId)) continue;
        seen.add(entry.entryId);
        const match = this.#matchOf(read, text, confidence, entry, list);
        const reason = this.#suppression(match);
        if (reason) suppressed.push({ reason, entryId: entry.entryId });
        else matches.push(match);
      }
    }
    return { matches, suppressed };
  }

  #matchOf(read: Read, text: string, confidence: number, entry: HotListEntry, list: HotList): Match {
    const listAgeMs = Math.max(0, this.#clock.nowMs() - list.version.compiledAtMs);
    const stateAgreement = compareStates(read.state, entry.state);
    return {
      kind: text === read.plate ? 'exact' : 'possible',
      read,
      matchedText: text,
      entry,
      list: list.version,
      listAgeMs,
      stale: listAgeMs > this.#settings.staleAfterHours * hourMs,
      stateAgreement,
      chance: confidence * stateFactor[stateAgreement],
    };
  }

  #suppression({ entry, listAgeMs, chance }: Match): SuppressReason | null {
    if (listAgeMs > this.#settings.stopAfterHours * hourMs) return 'list_expired';
    if (entry.expiresAtMs !== null && entry.expiresAtMs <= this.#clock.nowMs()) return 'entry_expired';
    return chance < this.#settings.chanceMin ? 'unlikely' : null;
  }
}

function compareStates(read: string | null, wanted: string | null): StateAgreement {
  if (read === null || wanted === null) return 'unknown';
  return read === wanted ? 'agree' : 'conflict';
}
