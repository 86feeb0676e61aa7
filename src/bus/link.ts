import type { Answer } from '../data/answer.js';
import type { ReadReport } from '../data/read.js';
import type { EngineStatus } from './message.js';

/** What control says to an engine, over whatever bus. */
export interface EngineHears {
  onAnswer(numbers: readonly number[], answer: Answer): void;
  onService(cameraId: string, inService: boolean): void;
  /** The bus can not be reached (reports belong on disk now), or can again. */
  onReachable(reachable: boolean): void;
}

/** An engine's end of the bus. Nothing here is durable: what was not answered is the outbox's to tell again. */
export interface EngineLink {
  /** Resolves when the bus has the report (not yet control); rejects when it does not. */
  report(number: number, report: ReadReport): Promise<void>;
  status(status: EngineStatus): void;
  reachable(): boolean;
  close(): Promise<void>;
}
