import { type AllStageTimes, addStageTimes } from './stage_times.js';

/** Frames in work: each holds a slot. */
export interface SlotUse {
  readonly inUse: number;
  readonly count: number;
  /** Of those in use: waiting for a thread. */
  readonly waiting: number;
}

/** What one engine run says of itself. */
export interface EngineSnapshot {
  readonly unsent: number;
  readonly spooled: number;
  readonly lostReports: number;
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly stages: AllStageTimes;
  readonly slots: SlotUse;
  readonly model: string;
  readonly inference: string;
}

/** Figures of all engines and all their runs: what has been counted stays counted when an engine ends. */
export class EngineTotals {
  readonly #running = new Map<string, EngineSnapshot>();
  #ended = { lostReports: 0, cpuSeconds: 0, stages: {} as AllStageTimes };

  update(engine: string, snapshot: EngineSnapshot): void {
    this.#running.set(engine, snapshot);
  }

  engineEnded(engine: string): void {
    const last = this.#running.get(engine);
    this.#running.delete(engine);
    if (!last) return;
    this.#ended = {
      lostReports: this.#ended.lostReports + last.lostReports,
      cpuSeconds: this.#ended.cpuSeconds + last.cpuSeconds,
      stages: addStageTimes(this.#ended.stages, last.stages),
    };
  }

  stages(): AllStageTimes {
    return [...this.#running.values()].reduce((sum, { stages }) => addStageTimes(sum, stages), this.#ended.stages);
  }

  /** Which models run, with which inference library; each pair once. */
  models(): { readonly model: string; readonly inference: string }[] {
    const all = [...this.#running.values()].map(({ model, inference }) => ({ model, inference }));
    return [...new Map(all.map((one) => [`${one.model} ${one.inference}`, one])).values()];
  }

  running(): number {
    return this.#running.size;
  }

  /** Numbers of `scraped.ts`. */
  scraped() {
    const running = [...this.#running.values()];
    const sum = (of: (one: EngineSnapshot) => number) => running.reduce((total, one) => total + of(one), 0);
    return {
      engine_cpu_seconds_total: this.#ended.cpuSeconds + sum((one) => one.cpuSeconds),
      engine_resident_bytes: sum((one) => one.rssBytes),
      frame_slots: sum((one) => one.slots.count),
      frame_slots_in_use: sum((one) => one.slots.inUse),
      frames_waiting: sum((one) => one.slots.waiting),
      engine_reports_unsent: sum((one) => one.unsent),
      engine_reports_spooled: sum((one) => one.spooled),
      engine_reports_lost_total: this.#ended.lostReports + sum((one) => one.lostReports),
    };
  }
}
