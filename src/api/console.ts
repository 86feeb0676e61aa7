import { createReadStream, existsSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import type { Context } from 'hono';
import { packagePath } from '../package_root.js';
import { httpProblem } from './problem.js';

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
  '.wav': 'audio/wav',
  '.webmanifest': 'application/manifest+json',
  '.json': 'application/json',
};

/**
 * The console: files of `dist/console`, and its page for every other address, so that a screen's own address can be opened. Files
 * below `assets/` carry their content's hash in the name and may be kept; the page may not.
 */
export function consoleFiles(folder = packagePath('dist', 'console')): (c: Context) => Response | Promise<Response> {
  return (c) => {
    const path = normalize(decodeURIComponent(c.req.path));
    if (path.startsWith('/api/') || path.includes('\0')) return nothing();
    const type = mediaTypes[extname(path)];
    if (type !== undefined) return fileAt(join(folder, path), type, path.startsWith('/assets/'));
    return extname(path) === '' ? fileAt(join(folder, 'index.html'), mediaTypes['.html'] as string, false) : nothing();
  };
}

function fileAt(file: string, type: string, keep: boolean): Response {
  if (!existsSync(file) || !statSync(file).isFile()) return nothing();
  return new Response(Readable.toWeb(createReadStream(file)) as ReadableStream, {
    headers: {
      'content-type': type,
      'content-length': String(statSync(file).size),
      'cache-control': keep ? 'public, max-age=31536000, immutable' : 'no-cache',
    },
  });
}

function nothing(): Response {
  return httpProblem('NOT_FOUND', 'There is nothing at this address.');
}
