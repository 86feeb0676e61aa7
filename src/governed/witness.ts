import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Log } from '../observe/log.js';

/**
 * Carries each signed checkpoint out of this machine's reach: to a file (another machine's volume) and to an address that keeps what is
 * posted to it. Whoever holds one checkpoint can prove that nothing before it was rolled back. A witness that fails is retried with the
 * next checkpoint, which covers everything before it; the ledger never waits.
 */
export interface Witness {
  tell(line: string): void;
  close(): Promise<void>;
}

const postMsMax = 10_000;

export function startWitness(
  { witnessFile, witnessUrl }: { readonly witnessFile: string | null; readonly witnessUrl: string | null },
  log: Log,
): Witness {
  let latest: string | null = null;
  let carrying: Promise<void> | null = null;

  async function carry(): Promise<void> {
    for (let line = latest; line !== null; line = latest) {
      latest = null;
      if (witnessFile !== null)
        await appendLine(witnessFile, line).catch((error: Error) =>
          log.error({ reason: error.message }, 'witness file failed'),
        );
      if (witnessUrl !== null)
        await post(witnessUrl, line).catch((error: Error) => log.error({ reason: error.message }, 'witness failed'));
    }
  }

  return {
    tell(line) {
      latest = line;
      carrying ??= carry().finally(() => {
        carrying = null;
      });
    },
    async close() {
      await carrying;
    },
  };
}

/** A line that was cut short stays, on a line of its own. */
async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await file.read(last, 0, 1, size - 1);
    await file.appendFile(`${size > 0 && last[0] !== 10 ? '\n' : ''}${line}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function post(url: string, line: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: line,
    redirect: 'error',
    signal: AbortSignal.timeout(postMsMax),
  });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
}
