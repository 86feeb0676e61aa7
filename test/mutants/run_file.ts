import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package_root.js';

/** A mutant can make a test wait for ever. */
const fileTimeoutMs = 180_000;

/** How a test file of a copy ended: what failed first, and which rules were asked, as `true NAME` and `false NAME`. */
export interface Outcome {
  readonly failed: string | null;
  readonly ms: number;
  readonly reached: ReadonlySet<string>;
}

/** Runs one test file of a copy, with one mutant or none, until its end or its first failure. */
export async function runFile(copy: string, file: string, mutant: string | null): Promise<Outcome> {
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'ps-mutant-'));
  const reachedFile = join(folder, 'reached');
  const failed = await ended(copy, file, {
    TMPDIR: folder,
    ...(mutant === null ? { PLATESTREAM_REACHED: reachedFile } : { PLATESTREAM_MUTANT: mutant }),
  });
  const reached = existsSync(reachedFile) ? readFileSync(reachedFile, 'utf8').trim().split('\n') : [];
  rmSync(folder, { recursive: true, force: true });
  return { failed, ms: performance.now() - startedAt, reached: new Set(reached) };
}

function ended(copy: string, file: string, more: Record<string, string>): Promise<string | null> {
  const child = fork(join(copy, 'test', 'support', 'child.js'), [join(copy, 'test', file)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: packageRoot(),
    env: { ...process.env, ...more },
  });
  let failed: string | null = null;
  const stop = (why: string) => {
    failed ??= why;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(() => stop('it did not end'), fileTimeoutMs);
  child.on('message', (message: { outcome?: string; name?: string }) => {
    if (message.outcome === 'failed') stop(message.name ?? '');
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve(failed ?? (code === 0 ? null : `exit ${code ?? signal}`));
    });
  });
}
