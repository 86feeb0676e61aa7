import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

import { inventoryOf } from '../../src/governed/data_inventory.js';

/** Files of a data directory that are in no list of what the program keeps. */
export function unlistedFiles(dataDir: string): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => relative(dataDir, join(one.parentPath, one.name)))
    .filter((path) => inventoryOf(path) === null);
}

/** Files below `folder` whose path ends with `suffix`, relative, sorted. */
export function filesBelow(folder: string, suffix: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .sort();
}
