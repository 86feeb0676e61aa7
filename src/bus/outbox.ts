import type { Answer } from '../data/answer.js';
import type { ReadReport } from '../data/read.js';
import { limits } from '../limits.js';
import { Lane } from './lane.js';
import type { Spool } from './spool.js';

/**
 * The engine's side of the bus: a report stays here until control has said that it is durable. Alerts and history are answered apart, in two
 * lanes: what was matched and only waits for the history stands in nobody's way, so a store that is full or stopped delays no alert.
 */
export interface Outbox {
  put(report: ReadReport): void;
  answer(number: number, answer: Answer): void;
  /** Sends what an earlier engine left on disk, then whatever did not fit in memory. */
  refill(): void;
  /** While the bus is away, what is held goes to disk and nothing is sent; then all is told again, in its order. */
  setReachable(reachable: boolean): void;
  /** What has lain on the disk since then goes, counted as lost: no read waits longer than any may be kept [IV.F.1]. */
  forget(untilMs: number): void;
  /** Everything unanswered goes to disk; afterwards nothing is sent. */
  close(): void;
  readonly unsent: number;
  readonly spooled: number;
  readonly lost: number;
}

export interface OutboxOptions {
  readonly send: (number: number, report: ReadReport) => void;
  readonly spool: Spool<ReadReport>;
  /** Of what waits for the history alone. */
  readonly historySpool: Spool<ReadReport>;
  readonly heldMax: number;
  readonly againMs?: number;
}

export function createOutbox({ send, spool, historySpool, heldMax, againMs }: OutboxOptions): Outbox {
  let lastNumber = 0;
  const nextNumber = () => {
    lastNumber += 1;
    return lastNumber;
  };
  const { againMs: first, againMsMax, unkeptReportsMax } = limits.engine;
  const pauses = { againMs: againMs ?? first, againMsMax };
  const live = new Lane({ send, nextNumber, spool, heldMax, ...pauses });
  const history = new Lane({ send, nextNumber, spool: historySpool, heldMax: unkeptReportsMax, ...pauses });
  const lanes = [live, history];
  let closed = false;

  function answer(number: number, said: Answer): void {
    const lane = lanes.find((one) => one.get(number) !== null);
    const report = lane?.get(number);
    if (lane === undefined || !report) return;
    if (said === 'again' || (said === 'matched' && lane === history)) {
      lane.refused(number);
      return;
    }
    // On disk over there before it is gone here.
    if (said === 'matched') history.keep({ ...report, retold: 'history' });
    lane.taken(number);
  }

  return {
    put: (report) => live.put(report),
    answer,
    refill() {
      for (const lane of lanes) lane.refill();
    },
    setReachable(reachable) {
      if (!closed) for (const lane of lanes) lane.setTelling(reachable);
    },
    forget(untilMs) {
      for (const lane of lanes) lane.forgetUntil(untilMs);
    },
    close() {
      closed = true;
      for (const lane of lanes) lane.setTelling(false);
    },
    get unsent() {
      return live.held + history.held;
    },
    get spooled() {
      return spool.count + historySpool.count;
    },
    get lost() {
      return live.lost + history.lost;
    },
  };
}
