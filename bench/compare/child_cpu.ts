import { readFileSync } from 'node:fs';

/** CPU seconds of all children of this process that have ended: `cutime + cstime` of Linux's /proc. */
export function childCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
