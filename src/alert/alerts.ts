import type { Alert } from '../data/alert.js';
import { alertId } from '../data/ids.js';
import type { Match } from '../data/match.js';
import { limits } from '../limits.js';
import type { Clock } from '../observe/clock.js';
import { openJournal } from './journal.js';

/** Hears each alert after it is durable, in order. */
export type AlertListener = (alert: Alert) => void;

export interface AlertsOptions {
  readonly file: string;
  readonly clock: Clock;
  /** One vehicle that is seen again at the same camera within this time is the same alert. */
  readonly coolDownMs: number;
}

/** Alerts, journalled before anyone sees them; never dropped. */
export class Alerts {
  readonly #options: AlertsOptions;
  readonly #journal;
  readonly #alerts: Alert[] = [];
  readonly #lastRaisedAtMs = new Map<string, number>();
  readonly #raisedForRead = new Set<string>();
  readonly #listeners = new Set<AlertListener>();

  constructor(options: AlertsOptions) {
    this.#options = options;
    this.#journal = openJournal<Alert>(options.file, (alert) => this.#remember(alert));
  }

  /** @returns the alert, or `null` when this vehicle was already told (the same pass, or the same plate within the cool-down). */
  raise(match: Match): Alert | null {
    const nowMs = this.#options.clock.nowMs();
    const { read, entry } = match;
    if (this.#raisedForRead.has(`${read.id} ${entry.entryId}`)) return null;
    const last = this.#lastRaisedAtMs.get(`${read.cameraId} ${entry.entryId}`) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - last < this.#options.coolDownMs) return null;
    const sequence = this.lastSequence() + 1;
    const { evidence } = read;
    const none = new Uint8Array();
    const alert: Alert = {
      id: alertId(`alert-${sequence}`),
      sequence,
      createdAtMs: nowMs,
      // Pictures are kept by the store; the journal names them by digest.
      match: { ...match, read: { ...read, evidence: { ...evidence, vehicle: none, plate: none } } },
      potential: true,
      verification: 'unverified',
      canary: false,
    };
    this.#journal.append(alert);
    this.#remember(alert);
    for (const listener of this.#listeners) listener(alert);
    return alert;
  }

  /** Alerts with a sequence above `sequence`, oldest first. */
  after(sequence: number, count: number): readonly Alert[] {
    return this.#alerts.slice(sequence, sequence + count);
  }

  lastSequence(): number {
    return this.#alerts.length;
  }

  unacknowledged(): number {
    return this.#alerts.filter((alert) => alert.verification === 'unverified').length;
  }

  /** Too many alerts wait for a person: health is red, nothing is dropped. */
  overloaded(): boolean {
    return this.unacknowledged() > limits.alert.unacknowledgedMax;
  }

  listen(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#journal.close();
  }

  #remember(alert: Alert): void {
    const { read, entry } = alert.match;
    this.#alerts.push(alert);
    this.#raisedForRead.add(`${read.id} ${entry.entryId}`);
    this.#lastRaisedAtMs.set(`${read.cameraId} ${entry.entryId}`, alert.createdAtMs);
  }
}
