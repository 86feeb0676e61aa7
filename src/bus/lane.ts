import type { ReadReport } from '../data/read.js';
import type { Spool } from './spool.js';

export interface LaneOptions {
  readonly send: (number: number, report: ReadReport) => void;
  /** A number for the next report that is told; each is used once. */
  readonly nextNumber: () => number;
  readonly spool: Spool<ReadReport>;
  /** Reports told and not answered; what comes beyond waits on disk. */
  readonly heldMax: number;
  /** Pause before what was turned away is told again; it doubles each time until `againMsMax`, and is short again once one was taken. */
  readonly againMs: number;
  readonly againMsMax: number;
}

interface Held {
  readonly report: ReadReport;
  /** In the order of putting. */
  readonly place: number;
  readonly onDisk: boolean;
}

/**
 * Reports on their way to control: told, and held until they are answered; on disk where too many are held or nobody can be told. What is turned
 * away is told again after a pause, for ever. What a full disk does not take is lost, counted.
 */
export class Lane {
  readonly #options: LaneOptions;
  readonly #held = new Map<number, Held>();
  readonly #heldFromDisk = new Set<number>();
  /** Turned away; they are told again together. */
  readonly #refused = new Set<number>();
  #pauseMs: number;
  #timer: NodeJS.Timeout | null = null;
  #lost = 0;
  #telling = true;

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#pauseMs = options.againMs;
  }

  get held(): number {
    return this.#held.size;
  }

  get lost(): number {
    return this.#lost;
  }

  put(report: ReadReport): void {
    const { spool, heldMax } = this.#options;
    // While anything older waits on disk, what is new waits behind it: the reads of a camera keep their order.
    const waits = spool.count > this.#heldFromDisk.size;
    const place = spool.nextPlace();
    if (!this.#telling || waits || this.#held.size >= heldMax) this.#toDisk(report, place);
    else this.#tell({ report, place, onDisk: false });
  }

  /** On disk first, then told with what else waits there. */
  keep(report: ReadReport): void {
    this.#toDisk(report, this.#options.spool.nextPlace());
    if (this.#timer === null) this.refill();
  }

  /** @returns the report with that number, or `null` when it is not this lane's. */
  get(number: number): ReadReport | null {
    return this.#held.get(number)?.report ?? null;
  }

  /** Control has it. */
  taken(number: number): void {
    this.#pauseMs = this.#options.againMs;
    this.#forget(number);
    if (this.#held.size <= this.#options.heldMax / 2 && this.#refused.size === 0) this.refill();
  }

  /** Control could not take it. */
  refused(number: number): void {
    this.#refused.add(number);
    this.#timer ??= setTimeout(() => this.#tellAgain(), this.#pauseMs).unref();
  }

  /** Tells what waits on disk, oldest first, as far as it may be held. */
  refill(): void {
    const { spool, heldMax } = this.#options;
    if (!this.#telling || spool.count === this.#heldFromDisk.size) return;
    if (this.#held.size >= heldMax) return;
    for (const { place, value } of spool.entries(new Set(this.#heldFromDisk))) {
      // Whoever put it there may have told it, too, and died before the answer.
      const report: ReadReport = { ...value, retold: value.retold ?? 'whole' };
      this.#tell({ report, place, onDisk: true });
      if (this.#held.size >= heldMax) return;
    }
  }

  /** While nobody can be told, what is held goes to disk; then all is told again, in its order. */
  setTelling(now: boolean): void {
    if (now === this.#telling) return;
    this.#telling = now;
    if (now) this.refill();
    else this.#letGo();
  }

  /** What has lain on the disk since then goes, counted as lost. */
  forgetUntil(untilMs: number): void {
    this.#lost += this.#options.spool.forget(untilMs);
  }

  #tell(held: Held): void {
    const number = this.#options.nextNumber();
    this.#held.set(number, held);
    if (held.onDisk) this.#heldFromDisk.add(held.place);
    this.#options.send(number, held.report);
  }

  #tellAgain(): void {
    this.#timer = null;
    this.#pauseMs = Math.min(this.#options.againMsMax, this.#pauseMs * 2);
    const again = [...this.#refused];
    this.#refused.clear();
    for (const number of again) {
      const held = this.#held.get(number);
      this.#held.delete(number);
      if (held) this.#tell({ ...held, report: { ...held.report, retold: held.report.retold ?? 'whole' } });
    }
    this.refill();
  }

  #forget(number: number): void {
    const held = this.#held.get(number);
    if (!held) return;
    this.#held.delete(number);
    this.#refused.delete(number);
    if (!held.onDisk) return;
    this.#options.spool.remove(held.place);
    this.#heldFromDisk.delete(held.place);
  }

  #toDisk(report: ReadReport, place: number): void {
    if (!this.#options.spool.push(report, place)) this.#lost += 1;
  }

  /** Nothing is held any more: what was is on disk, in its place. Answers that still come mean no report. */
  #letGo(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const { report, place, onDisk } of this.#held.values()) if (!onDisk) this.#toDisk(report, place);
    this.#held.clear();
    this.#heldFromDisk.clear();
    this.#refused.clear();
  }
}
