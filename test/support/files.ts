import { readdirSync } from 'node:fs';

/** Files below `folder` whose path ends with `suffix`, relative, sorted. */
export function filesBelow(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .sort();
}
