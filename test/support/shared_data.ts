import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package_root.js';

/** Folder of real images beside the checkout (or `PLATESTREAM_DATA`); never committed. */
const sharedData = process.env['PLATESTREAM_DATA'] ?? join(packageRoot(), '..', 'shared', 'data');

/** @returns the absolute path of a shared file or folder, or the reason for skipping. */
export function sharedPath(...parts: string[]): { path: string } | { skip: string } {
  const path = join(sharedData, ...parts);
  return existsSync(path) ? { path } : { skip: `needs ${join('shared/data', ...parts)}` };
}
