import { confusableWith } from '../data/confusable.js';
import type { HotListEntry, HotListVersion, Match, StateAgreement } from '../data/match.js';
import type { Read } from '../data/read.js';
import type { Clock } from '../observe/clock.js';
import { CameraConfusion } from './camera_confusion.js';
import { chanceOf } from './chance.js';
import { noOverlay, Overlay } from './overlay.js';
import { packedStep, packFirst, packRest } from './plate.js';
import type { HotListSettings } from './settings.js';
import type { SourceInfo } from './snapshot/header.js';
import type { Snapshot } from './snapshot/snapshot.js';

export type SuppressReason = 'list_expired' | 'entry_expired' | 'entry_removed' | 'category_not_allowed' | 'unlikely';

/** A text that the Bloom filter claims, and whether the list really holds it. */
export interface Claim {
  readonly plate: string;
  readonly isListed: boolean;
}

export interface Matched {
  readonly matches: readonly Match[];
  readonly suppressed: readonly { readonly reason: SuppressReason; readonly entryId: string }[];
  readonly claims: readonly Claim[];
}

/** A text that the plate may bear, and how probable that is. */
interface Reading {
  readonly text: string;
  readonly kind: Match['kind'];
  readonly chance: number;
}

const hourMs = 3_600_000;

/**
 * Compares reads with the hot list: the read's alternatives, most probable first, then texts that differ from it by characters
 * which readers confuse, each through the Bloom filter and then exactly; manual entries beside it. A conflict of states is shown, never
 * hidden: a plate without its state is not a vehicle [IV.A.8.a(1)].
 */
export class Matcher {
  #snapshot: Snapshot | null = null;
  #overlay = new Overlay(noOverlay);
  #sources = new Map<string, SourceInfo>();
  #version: HotListVersion | null = null;
  readonly #settings: HotListSettings;
  readonly #clock: Clock;
  readonly confusion = new CameraConfusion();

  constructor(settings: HotListSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Takes another version from the next read on. */
  use(snapshot: Snapshot): void {
    const { version, bodySha256: sha256, createdAtMs, entries, sources } = snapshot.header;
    const compiledAtMs = Math.min(...sources.map((source) => source.compiledAtMs), createdAtMs);
    this.#sources = new Map(sources.map((source) => [source.name, source]));
    this.#version = { version, sha256, compiledAtMs, loadedAtMs: this.#clock.nowMs(), entries };
    this.#snapshot = snapshot;
  }

  useOverlay(overlay: Overlay): void {
    this.#overlay = overlay;
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  get overlay(): Overlay {
    return this.#overlay;
  }

  /** The list in use; its age is that of its oldest source. */
  get version(): HotListVersion | null {
    return this.#version;
  }

  match(read: Read): Matched {
    const found = new Found();
    for (const { text, confidence } of read.alternatives) {
      if (confidence < this.#settings.alternativeConfidenceMin) continue;
      const kind = text === read.plate ? 'exact' : 'possible';
      this.#look(packFirst(text), packRest(text), { text, kind, chance: confidence }, read, found);
      this.#lookAtWildcards({ text, kind: 'wildcard', chance: confidence }, read, found);
    }
    if (this.#settings.ocrSubstitutions > 0) this.#lookAtEquivalents(read, found);
    const { matches, suppressed, claims } = found;
    return { matches, suppressed, claims };
  }

  /** One character at a time becomes what it may have been. */
  #lookAtEquivalents(read: Read, found: Found): void {
    const { plate, confidence, cameraId } = read;
    const [first, rest] = [packFirst(plate), packRest(plate)];
    if (first < 0 || rest < 0) return;
    for (let i = 0; i < plate.length; i++) {
      const was = plate[i] as string;
      for (const other of equivalentsOf(was)) {
        const step = packedStep(i, was, other);
        const [a, b] = i < 5 ? [first + step, rest] : [first, rest + step];
        if (!this.#mayHave(a, b)) continue;
        const text = plate.slice(0, i) + other + plate.slice(i + 1);
        const chance = confidence * this.confusion.chance(cameraId, was, other);
        this.#look(a, b, { text, kind: 'possible', chance }, read, found);
      }
    }
  }

  #mayHave(first: number, rest: number): boolean {
    return this.#snapshot?.bloom.mayHave(first, rest) || this.#overlay.entriesOf(first, rest).length > 0;
  }

  #look(first: number, rest: number, reading: Reading, read: Read, found: Found): void {
    if (first < 0 || rest < 0 || !this.#mayHave(first, rest)) return;
    for (const entry of this.#overlay.entriesOf(first, rest)) this.#consider(entry, reading, read, found);
    if (!this.#snapshot?.bloom.mayHave(first, rest)) return;
    const entries = this.#snapshot.entriesOf(first, rest);
    found.claims.push({ plate: reading.text, isListed: entries.length > 0 });
    for (const entry of entries) this.#consider(entry, reading, read, found);
  }

  #lookAtWildcards(reading: Reading, read: Read, found: Found): void {
    for (const { pattern, entry } of this.#overlay.wildcards)
      if (pattern.test(reading.text)) this.#consider(entry, reading, read, found);
  }

  #consider(entry: HotListEntry, reading: Reading, read: Read, found: Found): void {
    if (!found.isNew(entry.entryId)) return;
    const match = this.#matchOf(read, reading, entry);
    const reason = this.#suppression(match);
    if (reason) found.suppressed.push({ reason, entryId: entry.entryId });
    else found.matches.push(match);
  }

  #matchOf(read: Read, { text, kind, chance: textChance }: Reading, entry: HotListEntry): Match {
    const list = this.#listOf(entry);
    const listAgeMs = Math.max(0, this.#clock.nowMs() - list.compiledAtMs);
    const state = compareStates(read.state, entry.state);
    const { baseRate, staleAfterHours } = this.#rulesOf(entry.source);
    const cameraTrust = this.confusion.trust(read.cameraId);
    const chance = chanceOf({ textChance, cameraTrust, baseRate, state, stateConfidence: read.stateConfidence });
    const stale = listAgeMs > staleAfterHours * hourMs;
    return { kind, read, matchedText: text, entry, list, listAgeMs, stale, stateAgreement: state, chance };
  }

  /** The list as of the entry's own source; the department's own entries are always of this moment. */
  #listOf({ source }: HotListEntry): HotListVersion {
    const { content } = this.#overlay;
    const nowMs = this.#clock.nowMs();
    const current = this.#version ?? { version: 0, sha256: '', compiledAtMs: nowMs, loadedAtMs: nowMs, entries: 0 };
    const info = this.#sources.get(source);
    if (info) return { ...current, compiledAtMs: info.compiledAtMs };
    return { ...current, compiledAtMs: nowMs, loadedAtMs: content.atMs, entries: content.entries.length };
  }

  #rulesOf(source: string) {
    const own = this.#settings.sources.find(({ name }) => name === source);
    return {
      baseRate: own?.baseRate ?? 1,
      staleAfterHours: own?.staleAfterHours ?? this.#settings.staleAfterHours,
      stopAfterHours: own?.stopAfterHours ?? this.#settings.stopAfterHours,
    };
  }

  #suppression({ entry, list, listAgeMs, chance, kind }: Match): SuppressReason | null {
    if (!this.#overlay.allows(entry)) return 'category_not_allowed';
    if (listAgeMs > this.#rulesOf(entry.source).stopAfterHours * hourMs) return 'list_expired';
    if (this.#overlay.isRemoved(entry.entryId, list.compiledAtMs)) return 'entry_removed';
    if (entry.expiresAtMs !== null && entry.expiresAtMs <= this.#clock.nowMs()) return 'entry_expired';
    const { chanceMin, possibleChanceMin } = this.#settings;
    return chance < (kind === 'possible' ? possibleChanceMin : chanceMin) ? 'unlikely' : null;
  }
}

/** What one read has come to; an entry is considered once, in its most probable reading. */
class Found {
  readonly matches: Match[] = [];
  readonly suppressed: { reason: SuppressReason; entryId: string }[] = [];
  readonly claims: Claim[] = [];
  #seen: Set<string> | null = null;

  isNew(entryId: string): boolean {
    this.#seen ??= new Set();
    if (this.#seen.has(entryId)) return false;
    this.#seen.add(entryId);
    return true;
  }
}

const equivalents = new Map<string, string>();

function equivalentsOf(character: string): string {
  const known = equivalents.get(character);
  if (known !== undefined) return known;
  const others = confusableWith(character);
  equivalents.set(character, others);
  return others;
}

function compareStates(read: string | null, wanted: string | null): StateAgreement {
  if (read === null || wanted === null) return 'unknown';
  return read === wanted ? 'agree' : 'conflict';
}
