import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../data/result.js';
import { AppendFile } from '../files/append_file.js';
import { type Disk, realDisk } from '../files/disk.js';
import { lockFolder } from '../files/folder_lock.js';
import { writeNewFile } from '../files/whole_file.js';
import { limits } from '../limits.js';
import { checkpointProblem, type FoundChain, readChain, readCheckpoints } from './chain.js';
import { errorCode } from './fault.js';
import { keepNothingSigned, type LastSigned, readLastSigned } from './last_signed.js';
import { Ledger, type LedgerOptions, systemActor } from './ledger.js';
import { repairTail } from './repair.js';
import { isSignedBy, type SigningKey } from './signing_key.js';

/**
 * Takes the folder's lock, checks the whole chain, repairs a torn tail, and records that it did, that the ledger was opened, and which
 * intents were never answered (`access.abandoned`).
 * @returns the ledger, or one sentence that names the lock's holder or the bad record; then nothing was changed.
 */
export async function openLedger(options: LedgerOptions): Promise<Result<Ledger, string>> {
  let release = () => {};
  try {
    const lock = await lockFolder(options.dir);
    if (!lock.ok) return lock;
    release = lock.value.release;
    const opened = await openLocked(options, release);
    if (!opened.ok) release();
    return opened;
  } catch (error) {
    release();
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
  const broken = checkpointProblem(checkpoints.lines);
  if (broken !== null) return fail(`${dir}: ${broken}; run platestream ledger verify`);
  const kept = readLastSigned(options.lastSignedFile);
  const chain = readChain(dir, checkpoints.last, kept);
  if (!chain.ok) return fail(`${dir}: ${chain.error}; run platestream ledger verify`);
  const rolledBack = rollback(chain.value.end.size, checkpoints.last?.number ?? 0, kept);
  if (rolledBack !== null) return fail(`${dir}: ${rolledBack}; run platestream ledger verify`);
  const disk = options.disk ?? realDisk;
  if (kept === null && checkpoints.last === null) await makeNothingSigned(options.lastSignedFile, disk);
  const publicFile = join(dir, 'ledger.pub');
  if (!existsSync(publicFile)) writeNewFile(publicFile, signingKey.publicPem, 0o644);
  const torn = repair(dir, chain.value, checkpoints);
  const { lastSegment, end } = chain.value;
  const ledger = new Ledger(options, {
    end,
    segment: lastSegment && (await AppendFile.open(lastSegment.file, lastSegment.bytes, disk)),
    checkpoints: await AppendFile.open(join(dir, 'checkpoints.jsonl'), checkpoints.keepBytes, disk),
    last: lastLine === null ? null : { line: lastLine, digest: hash('sha256', lastLine, 'hex') },
    release,
  });
  const unsigned = end.uncovered.length;
  return recordOpening(ledger, options, { torn, unsigned, abandoned: [...end.openIntents], lastUtcMs: end.lastUtcMs });
}

/**
 * Checkpoints may lack the last one that the key signed (the cut came between the two), never more. Where nothing says what the key signed
 * last (a ledger of an earlier version, a key without its `.last`), records that no checkpoint covers at all are not believed.
 */
function rollback(records: number, lastNumber: number, kept: LastSigned | null): string | null {
  if (kept === null && records > 0 && lastNumber === 0) return 'there are records, and not one was ever signed';
  if (kept !== null && lastNumber < kept.number - 1)
    return `checkpoint ${lastNumber + 1} is missing: this ledger's key has signed ${kept.number}`;
  return null;
}

async function makeNothingSigned(file: string, disk: Disk): Promise<void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  await keepNothingSigned(file, disk);
}

/** The public key beside the ledger says which key signs it; another key would make a second history look like the first. */
function checkKey(dir: string, key: SigningKey): string | null {
  const file = join(dir, 'ledger.pub');
  if (!existsSync(file)) {
    if (existsSync(join(dir, 'checkpoints.jsonl')))
      return `${dir}: ledger.pub is missing but checkpoints exist; put it back`;
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
  found: { torn: Repaired; unsigned: number; abandoned: readonly number[]; lastUtcMs: number },
): Promise<Result<Ledger, string>> {
  const behindMs = found.lastUtcMs - clock.nowMs();
  const request = {
    key: signingKey.fingerprint,
    ...(found.torn && { torn_bytes: found.torn.bytes, torn_sha256: found.torn.sha256 }),
    ...(behindMs > 0 && { clock_behind_ms: behindMs }),
    // A cut leaves some; nobody but this process vouches for them, so the record says how many there were.
    ...(found.unsigned > 0 && { unsigned_records: found.unsigned }),
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
  // From its first second on there is something that a verifier can hold the ledger to.
  await ledger.checkpoint();
  return ok(ledger);
}
