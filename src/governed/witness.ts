import { appendLine } from '../files/append_line.js';
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
