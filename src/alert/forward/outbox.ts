import { existsSync } from 'node:fs';
import { type Journal, openJournal, replaceJournal } from '../../files/journal.js';

/** One message to one receiver. Its id is the same however often it is sent, so a receiver can tell a repetition. */
export interface Delivery {
  readonly id: string;
  readonly hook: string;
  readonly body: string;
  readonly dueSinceMs: number;
}

export type DeliveryOutcome = 'delivered' | 'refused' | 'given_up';

const rewriteAfter = 100;

type Entry =
  | { readonly kind: 'alert'; readonly sequence: number; readonly deliveries: readonly Delivery[] }
  | { readonly kind: 'over'; readonly id: string; readonly outcome: DeliveryOutcome };

/**
 * What must still be told to others, durable before it is tried: a journal of alerts looked at and of messages that are over. It is written
 * anew at every start, after many messages and at each retention run, so that it keeps no plate much longer than a message waits.
 */
export class Outbox {
  readonly #file: string;
  #journal: Journal<Entry>;
  #written = 0;
  /** Messages that are over and still in the file. */
  #over = 0;
  /** Entries that are not yet both on the disk and applied. */
  #inWork = 0;
  readonly #due = new Map<string, Delivery>();
  #lastSequence = 0;

  constructor(file: string) {
    this.#file = file;
    if (existsSync(file)) void openJournal<Entry>(file, (entry) => this.#apply(entry)).close();
    this.#journal = this.#fresh();
  }

  #fresh(): Journal<Entry> {
    const entry: Entry = { kind: 'alert', sequence: this.#lastSequence, deliveries: this.due() };
    replaceJournal(this.#file, [entry]);
    this.#written = 0;
    this.#over = 0;
    return openJournal<Entry>(this.#file, () => undefined);
  }

  #apply(entry: Entry): void {
    if (entry.kind === 'over') this.#due.delete(entry.id);
    else {
      this.#lastSequence = Math.max(this.#lastSequence, entry.sequence);
      for (const delivery of entry.deliveries) this.#due.set(delivery.id, delivery);
    }
  }

  /** The last alert that was looked at; later ones have yet to be, after a crash. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Why the disk does not take what must be told, or `null`. */
  get problem(): string | null {
    return this.#journal.problem;
  }

  due(): Delivery[] {
    return [...this.#due.values()];
  }

  /** Resolves when they are durable; to be called in the order of the alerts. */
  add(sequence: number, deliveries: readonly Delivery[]): Promise<void> {
    return this.#append({ kind: 'alert', sequence, deliveries });
  }

  async over(id: string, outcome: DeliveryOutcome): Promise<void> {
    await this.#append({ kind: 'over', id, outcome });
    this.#over += 1;
    if (this.#due.size === 0 && this.#written >= rewriteAfter) this.forget();
  }

  /** Messages that are over leave the file, unless something is being written: then the next time. @returns how many went */
  forget(): number {
    const over = this.#over;
    if (this.#inWork > 0 || over === 0) return 0;
    void this.#journal.close();
    this.#journal = this.#fresh();
    return over;
  }

  async #append(entry: Entry): Promise<void> {
    this.#inWork += 1;
    try {
      await this.#journal.append(entry);
      this.#apply(entry);
      this.#written += 1;
    } finally {
      this.#inWork -= 1;
    }
  }

  close(): Promise<void> {
    return this.#journal.close();
  }
}
