import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What a process has used so far, as Linux counts it in /proc. */
export interface ProcessUse {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** CPU seconds of each of its threads. */
  readonly threads: ReadonlyMap<number, number>;
}

/** What the whole machine has used so far, in core seconds. */
export interface MachineUse {
  readonly busySeconds: number;
  readonly idleSeconds: number;
}

/** Clock ticks a second in /proc: fixed for programs since Linux 2.6, whatever the kernel uses inside. */
const ticksPerSecond = 100;
const pageBytes = 4096;

/** @returns `null` when the process has gone, or this is not Linux. */
export function processUse(pid: number): ProcessUse | null {
  try {
    const threads = new Map<number, number>();
    for (const tid of readdirSync(`/proc/${pid}/task`)) {
      threads.set(Number(tid), cpuSeconds(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8')));
    }
    const rssPages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return {
      cpuSeconds: cpuSeconds(readFileSync(`/proc/${pid}/stat`, 'utf8')),
      rssBytes: rssPages * pageBytes,
      threads,
    };
  } catch {
    return null;
  }
}

/** `utime + stime`; fields are counted after the name, which may hold anything. */
function cpuSeconds(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/**
 * Files, pipes, sockets and threads that a process holds; a leak shows here before it shows in memory. Zeros when it has gone. What it holds
 * open below /proc is left out: embedded ClickHouse looks at itself with three files for each thread of its pool, as the pool fills.
 */
export interface Handles {
  readonly descriptors: number;
  readonly sockets: number;
  readonly threads: number;
}

export function handlesOf(pid: number): Handles {
  const listed = (folder: string) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  const links = listed(`/proc/${pid}/fd`).map((name) => linkOf(`/proc/${pid}/fd/${name}`));
  const descriptors = links.filter((link) => !link.startsWith('/proc/'));
  const sockets = links.filter((link) => link.startsWith('socket:'));
  return { descriptors: descriptors.length, sockets: sockets.length, threads: listed(`/proc/${pid}/task`).length };
}

/** A descriptor may be closed between listing and looking. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

export function machineUse(): MachineUse {
  const line = readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '';
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return {
    busySeconds: (user + nice + system + irq + softirq + steal) / ticksPerSecond,
    idleSeconds: (idle + wait) / ticksPerSecond,
  };
}

/** Direct children of a process, by their own word: the kernel's list of children may lack some while others end. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === pid)
    .map(Number);
}

/** `null` when the process has gone. */
function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
