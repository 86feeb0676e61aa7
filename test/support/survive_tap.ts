import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import type { ToControl, ToEngine } from '../../src/bus/message.js';

/**
 * Preloaded into every process of a program under test (`NODE_OPTIONS=--import`): notes in the folder `SURVIVE_TAP` which final reads an
 * engine has told (`told`) and which control has answered for (`kept`), each before anything else hears of it; and steps the clock by
 * the milliseconds in the file `clock`.
 */
const folder = process.env['SURVIVE_TAP'] as string;
const note = (file: string, id: string) => appendFileSync(join(folder, file), `${id}\n`);

let stepMs = 0;
const lookMs = 100;
const look = () => {
  stepMs = Number(readFileSync(join(folder, 'clock'), 'utf8')) || 0;
};
look();
setInterval(look, lookMs).unref();
const now = Date.now;
globalThis.Date = class extends Date {
  constructor(...parts: unknown[]) {
    super(...((parts.length === 0 ? [now() + stepMs] : parts) as [number]));
  }
  static override now(): number {
    return now() + stepMs;
  }
} as DateConstructor;

/** By number of the report. */
const finals = new Map<number, string>();
if (isMainThread && process.send) {
  const { send, emit } = process;
  const tell = (message: ToControl, ...rest: unknown[]) => {
    if (message.kind === 'report' && message.report.stage === 'final') {
      finals.set(message.number, message.report.read.id);
      note('told', message.report.read.id);
    }
    return Reflect.apply(send, process, [message, ...rest]);
  };
  const hear = (event: string, message: ToEngine<unknown>, ...rest: unknown[]) => {
    const id = event === 'message' && message.kind === 'answer' ? finals.get(message.number) : undefined;
    if (id !== undefined && (message as { answer: string }).answer === 'kept') note('kept', id);
    return Reflect.apply(emit, process, [event, message, ...rest]);
  };
  Object.assign(process, { send: tell, emit: hear });
}
