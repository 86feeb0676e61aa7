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
  const held = new Map<number, { report: ReadReport; spoolName: string | null }>();
  const inMemoryFromSpool = new Set<string>();
  let lastNumber = 0;
  let lost = 0;
  let closed = false;

  function deliver(report: ReadReport, spoolName: string | null): void {
    lastNumber += 1;
    held.set(lastNumber, { report, spoolName });
    send(lastNumber, report);
  }

  function toDisk(report: ReadReport): void {
    if (!spool.push(report)) lost += 1;
  }

  function refill(): void {
    if (closed || spool.count === inMemoryFromSpool.size) return;
    for (const { name, value } of spool.entries()) {
      if (held.size >= heldMax) return;
      if (inMemoryFromSpool.has(name)) continue;
      inMemoryFromSpool.add(name);
      deliver(value, name);
    }
  }

  return {
    put(report) {
      if (closed || held.size >= heldMax) toDisk(report);
      else deliver(report, null);
    },
    acknowledge(number) {
      const entry = held.get(number);
      if (!entry) return;
      held.delete(number);
      if (entry.spoolName !== null) {
        spool.remove(entry.spoolName);
        inMemoryFromSpool.delete(entry.spoolName);
      }
      if (held.size <= heldMax / 2) refill();
    },
    refill,
    close() {
      closed = true;
      for (const { report, spoolName } of held.values()) if (spoolName === null) toDisk(report);
      held.clear();
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
