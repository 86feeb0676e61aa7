import type { ReadReport } from '../data/read.js';
import type { Spool } from './spool.js';

/**
 * The engine's side of the bus: a report stays here until control has acknowledged it as durable. In memory up to
 * `heldMax`; beyond it, and at the end of the engine, on disk; beyond the disk's cap it is lost, counted, and health is red.
 */
export interface Outbox {
  put(report: ReadReport): void;
  acknowledge(number: number): void;
  /** Sends what an earlier engine left on disk, then whatever did not fit in memory. */
  refill(): void;
  /** While the bus is away, what is held goes to disk and nothing is sent; then all is told again, in its order. */
  setReachable(reachable: boolean): void;
  /** What has lain on the disk since then goes, counted as lost: no read waits longer than any may be kept [IV.F.1]. */
  forget(untilMs: number): void;
  /** Everything unacknowledged goes to disk; afterwards nothing is sent. */
  close(): void;
  readonly unsent: number;
  readonly spooled: number;
  readonly lost: number;
}

export interface OutboxOptions {
  readonly send: (number: number, report: ReadReport) => void;
  readonly spool: Spool<ReadReport>;
  readonly heldMax: number;
}

export function createOutbox({ send, spool, heldMax }: OutboxOptions): Outbox {
  /** By number: a report and its place in the order of putting, and whether the disk has it already. */
  const held = new Map<number, { readonly report: ReadReport; readonly place: number; readonly onDisk: boolean }>();
  const heldFromDisk = new Set<number>();
  let lastNumber = 0;
  let lost = 0;
  let closed = false;
  let reachable = true;

  function deliver(report: ReadReport, place: number, onDisk: boolean): void {
    lastNumber += 1;
    held.set(lastNumber, { report, place, onDisk });
    if (onDisk) heldFromDisk.add(place);
    send(lastNumber, report);
  }

  function toDisk(report: ReadReport, place: number): void {
    if (!spool.push(report, place)) lost += 1;
  }

  function refill(): void {
    if (closed || !reachable || spool.count === heldFromDisk.size) return;
    for (const { place, value } of spool.entries()) {
      if (held.size >= heldMax) return;
      if (!heldFromDisk.has(place)) deliver(value, place, true);
    }
  }

  /** Nothing is held any more: what was is on disk, in its place. Acknowledgements that still come mean no report. */
  function letGo(): void {
    for (const { report, place, onDisk } of held.values()) if (!onDisk) toDisk(report, place);
    held.clear();
    heldFromDisk.clear();
  }

  return {
    put(report) {
      // While anything older waits on disk, what is new waits behind it: the reads of a camera keep their order.
      const waits = spool.count > heldFromDisk.size;
      const place = spool.nextPlace();
      if (closed || !reachable || waits || held.size >= heldMax) toDisk(report, place);
      else deliver(report, place, false);
    },
    acknowledge(number) {
      const entry = held.get(number);
      if (!entry) return;
      held.delete(number);
      if (entry.onDisk) {
        spool.remove(entry.place);
        heldFromDisk.delete(entry.place);
      }
      if (held.size <= heldMax / 2) refill();
    },
    refill,
    setReachable(now) {
      if (now === reachable || closed) return;
      reachable = now;
      if (reachable) refill();
      else letGo();
    },
    forget(untilMs) {
      lost += spool.forget(untilMs);
    },
    close() {
      letGo();
      closed = true;
    },
    get unsent() {
      return held.size;
    },
    get spooled() {
      return spool.count;
    },
    get lost() {
      return lost;
    },
  };
}
