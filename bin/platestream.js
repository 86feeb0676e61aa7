#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/src/cli/platestream.js', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('platestream: not built yet; run: npm ci (or: npm run build)\n');
  process.exit(2);
}
await import(entry.href);
