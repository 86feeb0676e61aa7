import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function packPath(folder: string, day: string, number: number): string {
  return join(folder, day, `${String(number).padStart(6, '0')}.pack`);
}

export function dayFolders(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
    .sort();
}

export function packNumbers(dayFolder: string): number[] {
  return readdirSync(dayFolder).map((name) => Number.parseInt(name, 10) || 0);
}

export function folderBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}
