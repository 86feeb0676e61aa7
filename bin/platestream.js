#!/usr/bin/env node
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const entry = new URL('../dist/src/cli/platestream.js', import.meta.url);
if (!existsSync(entry)) build();
// Help is coloured for people; a pipe or a file gets plain text (citty looks at this when it is loaded).
if (!process.stdout.isTTY) process.env.NO_COLOR ??= '1';
await import(entry.href);

/** A checkout builds itself at its first command: `npm ci` runs no scripts (`.npmrc`). */
function build() {
  process.stderr.write('platestream: building, once\n');
  const cwd = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync('npm', ['run', 'build', '--silent'], { cwd, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write('platestream: not built; run: npm ci && npm run build\n');
  process.exit(2);
}
