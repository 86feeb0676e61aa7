import { type Alert, canarySource } from '../data/alert.js';
import { alertId } from '../data/ids.js';
import type { Match } from '../data/match.js';
import { assert } from '../data/result.js';
import { type Journal, type JournalOptions, openJournal, replaceJournal } from '../files/journal.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import { Sightings } from './sightings.js';

/** Hears each alert after it is durable, in order. */
export type AlertListener = (alert: Alert) => void;

export interface AlertsOptions {
  readonly file: string;
  readonly clock: Clock;
  /** One vehicle that is seen again at the same camera within this time is the same alert. */
  readonly coolDownMs: number;
  /** From so many sightings of one entry within this time on, an alert is escalated; the first such one breaks a cool-down. */
  readonly escalateSightings?: number;
  readonly escalateWithinMs?: number;
  readonly journal?: JournalOptions;
}

/** What the journal holds: alerts, or, where earlier ones were forgotten, the number that the last of them has had. */
type Entry = Alert | { readonly lastSequence: number };

/**
 * Alerts, journalled before anyone sees them; never dropped, and forgotten with the read they are about. Those that come together share one sync. While the disk fails they are held, in
 * their order, and health is red: nobody is shown what a restart would forget.
 */
export class Alerts {
  readonly #options: AlertsOptions;
  #journal: Journal<Entry>;
  /** On the disk, so shown; numbers ascend, with gaps where alerts were forgotten. */
  #alerts: Alert[] = [];
  /** Of the newest alert that has ever been on the disk. */
  #lastSequence = 0;
  /** Alerts that are being made durable. */
  #inWork = 0;
  /** Of the last alert that was given a place, on the disk or on its way there. */
  #sequence = 0;
  readonly #lastRaisedAtMs = new Map<string, number>();
  readonly #raisedForRead = new Set<string>();
  readonly #listeners = new Set<AlertListener>();
  readonly #unattended = new Set<string>();
  readonly #sightings: Sightings;

  constructor(options: AlertsOptions) {
    this.#options = options;
    const { escalateSightings = Number.POSITIVE_INFINITY, escalateWithinMs = 0 } = options;
    this.#sightings = new Sightings(escalateSightings, escalateWithinMs);
    const remember = (entry: Entry) => {
      if ('lastSequence' in entry) {
        this.#sequence = entry.lastSequence;
        this.#lastSequence = entry.lastSequence;
        return;
      }
      this.#claim(entry);
      this.#file(entry);
    };
    this.#journal = openJournal<Entry>(options.file, remember, options.journal);
  }

  /**
   * Resolves when the alert is durable and every listener has been told, with `null` when this vehicle was already told of (the same pass, or
   * the same plate within the cool-down); that alert is durable by then, too.
   */
  async raise(match: Match): Promise<Alert | null> {
    const alert = this.#alertOf(match);
    if (alert === null) {
      await this.#journal.settled();
      return null;
    }
    this.#claim(alert);
    this.#inWork += 1;
    try {
      await this.#journal.append(alert);
      this.#file(alert);
    } finally {
      this.#inWork -= 1;
    }
    for (const listener of this.#listeners) listener(alert);
    return alert;
  }

  #alertOf(match: Match): Alert | null {
    const nowMs = this.#options.clock.nowMs();
    const { read, entry } = match;
    if (this.#raisedForRead.has(`${read.id} ${entry.entryId}`)) return null;
    const last = this.#lastRaisedAtMs.get(`${read.cameraId} ${entry.entryId}`) ?? Number.NEGATIVE_INFINITY;
    const { escalation, isFirst } = this.#sightings.see(entry.entryId, read.id, read.cameraId, nowMs);
    const canary = entry.source === canarySource;
    if (nowMs - last < this.#options.coolDownMs && !isFirst && !canary) return null;
    const sequence = this.#sequence + 1;
    const { evidence } = read;
    const none = new Uint8Array();
    return {
      id: alertId(`alert-${sequence}`),
      sequence,
      createdAtMs: nowMs,
      // Pictures are kept by the store; the journal names them by digest.
      match: { ...match, read: { ...read, evidence: { ...evidence, vehicle: none, plate: none } } },
      potential: true,
      verification: 'unverified',
      escalation: canary ? null : escalation,
      canary,
    };
  }

  /** Alerts with a sequence above `sequence`, oldest first. */
  after(sequence: number, count: number): readonly Alert[] {
    const from = this.#placeAfter(sequence);
    return this.#alerts.slice(from, from + count);
  }

  lastSequence(): number {
    return this.#lastSequence;
  }

  unacknowledged(): number {
    return this.#unattended.size;
  }

  /** Somebody has verified, dismissed or deferred it. */
  attend(alertId: string): void {
    this.#unattended.delete(alertId);
  }

  /** What keeps alerts from people; health is red, nothing is dropped. */
  problems(): string[] {
    const { problem } = this.#journal;
    return [
      ...(this.unacknowledged() > limits.alert.unacknowledgedMax ? ['alerts: too many wait for a person'] : []),
      ...(problem === null ? [] : [`alerts: ${problem}; they are held, in order, until it works again`]),
    ];
  }

  listen(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Alerts that wait for the disk. */
  get waiting(): number {
    return this.#journal.waiting;
  }

  /**
   * Alerts go with the bulk reads they are about, unless a case keeps the read [IV.F.1, IV.F.2]; they leave the journal too.
   * @returns how many
   */
  async forget(oldestKeptMs: number, isKept: (readId: string) => boolean): Promise<number> {
    while (this.#inWork > 0) await this.#journal.settled();
    const isOver = ({ match: { read } }: Alert) => read.capturedAtMs <= oldestKeptMs && !isKept(read.id);
    const over = this.#alerts.filter(isOver);
    if (over.length === 0) return 0;
    const left = this.#alerts.filter((alert) => !isOver(alert));
    const { file, journal } = this.#options;
    replaceJournal<Entry>(file, [{ lastSequence: this.#lastSequence }, ...left]);
    void this.#journal.close();
    this.#journal = openJournal<Entry>(file, () => undefined, journal);
    this.#alerts = left;
    this.#forgetTraces(over);
    return over.length;
  }

  #forgetTraces(over: readonly Alert[]): void {
    for (const { id, match } of over) {
      this.#unattended.delete(id);
      this.#raisedForRead.delete(`${match.read.id} ${match.entry.entryId}`);
    }
    const nowMs = this.#options.clock.nowMs();
    for (const [key, atMs] of this.#lastRaisedAtMs)
      if (nowMs - atMs >= this.#options.coolDownMs) this.#lastRaisedAtMs.delete(key);
  }

  close(): Promise<void> {
    return this.#journal.close();
  }

  /** Where the first alert above `sequence` stands. */
  #placeAfter(sequence: number): number {
    let [low, high] = [0, this.#alerts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#alerts[middle] as Alert).sequence > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** From now on this vehicle is told of, and the place in the order is taken. */
  #claim({ sequence, createdAtMs, match: { read, entry } }: Alert): void {
    this.#sequence = Math.max(this.#sequence, sequence);
    this.#sightings.see(entry.entryId, read.id, read.cameraId, createdAtMs);
    this.#raisedForRead.add(`${read.id} ${entry.entryId}`);
    this.#lastRaisedAtMs.set(`${read.cameraId} ${entry.entryId}`, createdAtMs);
  }

  #file(alert: Alert): void {
    assert(alert.sequence > (this.#alerts.at(-1)?.sequence ?? 0), 'alerts come from the disk in their order');
    this.#alerts.push(alert);
    this.#lastSequence = Math.max(this.#lastSequence, alert.sequence);
    if (!alert.canary) this.#unattended.add(alert.id);
  }
}
