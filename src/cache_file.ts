import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * A file of what this user's machine is like, kept from one command to the next (XDG Base Directory Specification: `$XDG_CACHE_HOME`, else
 * `~/.cache`). @returns `null` where there is no place for it.
 */
export function cacheFile(name: string): string | null {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'platestream');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return join(folder, name);
  } catch {
    return null;
  }
}
