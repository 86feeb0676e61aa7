/**
 * One timer for everything that happens at a time. Tasks carry absolute due times, so lateness of one never moves the next:
 * pacing does not drift however busy the process is.
 */

export interface ScheduledTask {
  cancel(): void;
}

interface Entry {
  readonly dueMs: number;
  run: (() => void) | undefined;
}

/** setTimeout cannot wait longer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class Schedule {
  /** Binary heap, earliest first. */
  private readonly heap: Entry[] = [];
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly nowMs: () => number) {}

  /** Runs `run` once, at or soon after `dueMs`. */
  at(dueMs: number, run: () => void): ScheduledTask {
    const entry: Entry = { dueMs, run };
    if (!this.closed) {
      this.push(entry);
      if (this.heap[0] === entry) this.arm();
    }
    return {
      cancel: () => {
        entry.run = undefined;
      },
    };
  }

  /** Nothing runs any more. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.heap.length = 0;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const first = this.heap[0];
    if (!first) return;
    const delayMs = Math.min(Math.max(first.dueMs - this.nowMs(), 0), TIMER_MS_MAX);
    this.timer = setTimeout(() => this.wake(), Math.ceil(delayMs));
  }

  private wake(): void {
    const nowMs = this.nowMs();
    // Only what was due at waking: a task that schedules itself in the past must not keep the loop here.
    const due: Entry[] = [];
    while (this.heap[0] && this.heap[0].dueMs <= nowMs) due.push(this.pop());
    for (const entry of due) entry.run?.();
    this.arm();
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heapEntry(heap, parent).dueMs <= entry.dueMs) break;
      heap[at] = heapEntry(heap, parent);
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): Entry {
    const { heap } = this;
    const first = heapEntry(heap, 0);
    const last = heap.pop() ?? first;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  private sink(entry: Entry): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heapEntry(heap, child + 1).dueMs < heapEntry(heap, child).dueMs) child++;
      if (heapEntry(heap, child).dueMs >= entry.dueMs) break;
      heap[at] = heapEntry(heap, child);
      at = child;
    }
    heap[at] = entry;
  }
}

function heapEntry(heap: readonly Entry[], at: number): Entry {
  const entry = heap[at];
  if (!entry) throw new Error(`schedule: no heap entry ${at}`);
  return entry;
}
