import type { Escalation } from '../data/alert.js';

interface Sighting {
  readonly readId: string;
  readonly cameraId: string;
  readonly atMs: number;
}

const keptPerEntryMax = 100;
const entriesMax = 50_000;

/** Passes of each wanted vehicle of late, whether they raised an alert or fell into a cool-down. */
export class Sightings {
  readonly #escalateAt: number;
  readonly #withinMs: number;
  readonly #byEntry = new Map<string, Sighting[]>();

  constructor(escalateAt: number, withinMs: number) {
    this.#escalateAt = escalateAt;
    this.#withinMs = withinMs;
  }

  /** @returns the escalation, if any, and whether it has just been reached; a read counts once however often it is reported. */
  see(
    entryId: string,
    readId: string,
    cameraId: string,
    nowMs: number,
  ): { escalation: Escalation | null; isFirst: boolean } {
    if (this.#withinMs === 0) return { escalation: null, isFirst: false };
    const recent = (this.#byEntry.get(entryId) ?? []).filter(({ atMs }) => nowMs - atMs <= this.#withinMs);
    const isNew = recent.every((one) => one.readId !== readId);
    if (isNew) recent.push({ readId, cameraId, atMs: nowMs });
    this.#byEntry.delete(entryId);
    this.#byEntry.set(entryId, recent.slice(-keptPerEntryMax));
    this.#forgetOldest();
    if (recent.length < this.#escalateAt) return { escalation: null, isFirst: false };
    const cameras = [...new Set(recent.map((one) => one.cameraId))].sort();
    return { escalation: { sightings: recent.length, cameras }, isFirst: isNew && recent.length === this.#escalateAt };
  }

  #forgetOldest(): void {
    if (this.#byEntry.size <= entriesMax) return;
    const [oldest] = this.#byEntry.keys();
    this.#byEntry.delete(oldest as string);
  }
}
