import { hash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { limits } from '../limits.js';
import { type FoundChain, readChain, readCheckpoints } from './chain.js';
import { realDisk } from './disk.js';
import { errorCode } from './fault.js';
import { lockFolder } from './folder_lock.js';
import { Ledger, type LedgerOptions, systemActor } from './ledger.js';
import { repairTail } from './repair.js';
import { isSignedBy, type SigningKey } from './signing_key.js';

/**
 * Takes the folder's lock, checks the whole chain, repairs a torn tail, and records that it did, that the ledger was opened, and which
 * intents were never answered (`access.abandoned`).
 * @returns the ledger, or one sentence that names the lock's holder or the bad record; then nothing was changed.
 */
export async function openLedger(options: LedgerOptions): Promise<Result<Ledger, string>> {
  try {
    const lock = await lockFolder(options.dir);
    if (!lock.ok) return lock;
    const opened = await openLocked(options, lock.value.release);
    if (!opened.ok) lock.value.release();
    return opened;
  } catch (error) {
    return fail(`${options.dir}: the ledger can not be opened: ${errorCode(error)}`);
  }
}

async function openLocked(options: LedgerOptions, release: () => void): Promise<Result<Ledger, string>> {
  const { dir, signingKey } = options;
  const foreign = checkKey(dir, signingKey);
  if (foreign !== null) return fail(foreign);
  const checkpoints = readCheckpoints(dir);
  const lastLine = checkpoints.lines.at(-1) ?? null;
  if (lastLine !== null && !isSigned(lastLine, signingKey)) {
    return fail(
      `${dir}: the last checkpoint (line ${checkpoints.lines.length}) is not signed by the key of this ledger; run platestream ledger verify`,
    );
  }
  const chain = readChain(dir, checkpoints.last);
  if (!chain.ok) return fail(`${dir}: ${chain.error}; run platestream ledger verify`);
  const torn = repair(dir, chain.value, checkpoints);
  const disk = options.disk ?? realDisk;
  const { lastSegment, end } = chain.value;
  const checkpointFile = join(dir, 'checkpoints.jsonl');
  const ledger = new Ledger(options, {
    end,
    segment: lastSegment && { file: await disk.open(lastSegment.file), bytes: lastSegment.bytes },
    checkpoints: { file: await disk.open(checkpointFile), bytes: statSync(checkpointFile).size },
    last: lastLine === null ? null : { line: lastLine, digest: hash('sha256', lastLine, 'hex') },
    release,
  });
  return recordOpening(ledger, options, { torn, abandoned: [...end.openIntents], lastUtcMs: end.lastUtcMs });
}

/** The public key beside the ledger says which key signs it; another key would make a second history look like the first. */
function checkKey(dir: string, key: SigningKey): string | null {
  const file = join(dir, 'ledger.pub');
  if (!existsSync(file)) {
    if (existsSync(join(dir, 'checkpoints.jsonl')))
      return `${dir}: ledger.pub is missing but checkpoints exist; put it back`;
    writeFileSync(file, key.publicPem, { mode: 0o644, flush: true });
    return null;
  }
  if (readFileSync(file, 'utf8') === key.publicPem) return null;
  return `${dir}: the signing key is not the one this ledger was signed with; put the old key file back`;
}

function isSigned(line: string, key: SigningKey): boolean {
  const found = /^(.*),"signature":"([A-Za-z0-9+/=]+)"\}$/.exec(line);
  return found !== null && isSignedBy(key.publicPem, found[1] as string, found[2] as string);
}

type Repaired = { readonly bytes: number; readonly sha256: string } | null;

function repair(dir: string, chain: FoundChain, checkpoints: { keepBytes: number; rest: Buffer }): Repaired {
  if (checkpoints.rest.length > 0) {
    repairTail(dir, { file: join(dir, 'checkpoints.jsonl'), ...checkpoints });
  }
  return chain.torn === null ? null : repairTail(dir, chain.torn);
}

async function recordOpening(
  ledger: Ledger,
  { clock, signingKey }: LedgerOptions,
  found: { torn: Repaired; abandoned: readonly number[]; lastUtcMs: number },
): Promise<Result<Ledger, string>> {
  const behindMs = found.lastUtcMs - clock.nowMs();
  const request = {
    key: signingKey.fingerprint,
    ...(found.torn && { torn_bytes: found.torn.bytes, torn_sha256: found.torn.sha256 }),
    ...(behindMs > 0 && { clock_behind_ms: behindMs }),
  };
  const drafts = [
    { ...systemActor, action: 'ledger.opened', request },
    ...found.abandoned.map((ref) => ({ ...systemActor, action: 'access.abandoned', ref, clause: 'IV.C.6.a' })),
  ];
  for (let from = 0; from < drafts.length; from += limits.ledger.batchMax) {
    const batch = drafts.slice(from, from + limits.ledger.batchMax);
    const answers = await Promise.all(batch.map((draft) => ledger.append(draft)));
    const failed = answers.find((answer) => !answer.ok);
    if (failed === undefined || failed.ok) continue;
    await ledger.close();
    return fail(failed.error.sentence);
  }
  return ok(ledger);
}
