import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagePath } from '../package_root.js';
import { childrenOf } from './process_use.js';

/** A part of the run in a process of its own, so that what it uses can be told apart. */
interface Part {
  readonly pid: number;
  /** Ends it the way an operator would; resolves with what it printed. */
  stop(): Promise<string>;
}

export interface Simulator extends Part {
  readonly urls: readonly string[];
}

export interface Program extends Part {
  readonly address: string;
  /** The engine processes at this moment. */
  engines(): number[];
}

const startMsMax = 60_000;
const stopMsMax = 40_000;

/** Simulated RTSP cameras. @throws one line when they do not start. */
export async function startSimulator(clips: readonly string[], cameras: number, seed: number): Promise<Simulator> {
  const args = ['camera-sim', ...clips, '--cameras', String(cameras), '--port', '0', '--seed', String(seed), '--json'];
  const part = startPart(args);
  const line = await part.said(/^\{"urls".*\}$/m);
  return { ...part, urls: (JSON.parse(line) as { urls: string[] }).urls };
}

/** The real program: control with its engine, from a configuration file. @throws one line when it does not start. */
export async function startProgram(folder: string, config: object): Promise<Program> {
  const file = join(folder, 'platestream.yaml');
  writeFileSync(file, JSON.stringify(config));
  const part = startPart(['serve', '--config', file, '--json']);
  const line = await part.said(/listening on http:\/\/\S+/);
  return { ...part, address: line.slice('listening on '.length), engines: () => childrenOf(part.pid) };
}

function startPart(args: readonly string[]): Part & { said(pattern: RegExp): Promise<string> } {
  const child = spawn(process.execPath, [packagePath('bin', 'platestream.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = () => child.kill('SIGKILL');
  endOnSignal();
  process.once('exit', end);
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  void gone.then(() => process.off('exit', end));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    pid: child.pid ?? 0,
    said: (pattern) => heard(child, pattern, () => output),
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(end, stopMsMax);
      await gone;
      clearTimeout(timer);
      return output;
    },
  };
}

let endsOnSignal = false;

/** A bench that is ended takes its parts along: without a listener a signal ends it with no `exit`. */
function endOnSignal(): void {
  if (endsOnSignal) return;
  endsOnSignal = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
}

/** Resolves with what matched in the output. @throws when the process ends first or takes too long. */
function heard(child: ChildProcess, pattern: RegExp, output: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle('it did not start in time'), startMsMax);
    const settle = (problem: string | null) => {
      clearTimeout(timer);
      const found = pattern.exec(output())?.[0];
      if (found !== undefined) resolve(found);
      else if (problem !== null) reject(new Error(`${problem}: ${output().trim().split('\n').at(-1) ?? ''}`));
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', () => pattern.test(output()) && settle(null));
    child.once('close', () => settle('it ended at its start'));
  });
}
