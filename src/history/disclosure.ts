import { z } from 'zod';
import type { Receipt } from '../data/receipt.js';
import { fail, ok, type Result } from '../data/result.js';
import { type EvidenceRead, packageContent, zipPackage } from '../evidence/package.js';
import { proveInclusion } from '../ledger/inclusion.js';
import type { Ledger } from '../ledger/ledger.js';
import { limits } from '../limits.js';
import type { Governance } from '../policy/governance.js';
import type { Json } from '../policy/journal.js';
import type { PersonPrincipal } from '../policy/principal.js';
import { type Refusal, refusal } from '../policy/refusal.js';
import type { Store } from '../store/store.js';

/** A package as it leaves; the outcome is in the ledger. */
export interface ReleasedPackage {
  readonly name: string;
  readonly zip: Uint8Array;
  readonly packageSha256: string;
  readonly sequence: number;
}

const releaseInput = z
  .looseObject({
    caseNo: z.string().max(64),
    kind: z.string().max(32),
    recipient: z.string().max(120),
    purpose: z.string().max(2000),
    secondaryRecipient: z.string().max(120).nullable().default(null),
    docketNo: z.string().max(64).nullable().default(null),
  })
  .refine((input) => !('packageSha256' in input), 'packageSha256: the program states it');

/**
 * Preserved reads leave as one package, in this order: may they, durable intent, package, `disclosure.release` (the rules of who gets what,
 * and the package's digest), durable outcome, signed checkpoint, proofs, first byte [IV.D.3].
 */
export function createDisclosures(parts: {
  readonly governance: Governance;
  readonly ledger: Ledger;
  readonly store: Store;
}): { release(principal: PersonPrincipal, input: unknown): Promise<Result<ReleasedPackage, Refusal>> } {
  const { governance, ledger, store } = parts;

  async function intent(principal: PersonPrincipal, caseNo: string): Promise<Result<Receipt, Refusal>> {
    const roles = {
      actor_id: principal.userId,
      actor_name: principal.userId,
      roles: [],
      session_hash: principal.sessionHash,
    };
    const opened = await ledger.intent({
      action: 'disclosure.release',
      ...roles,
      object_id: caseNo,
      request: { caseNo },
    });
    return opened.ok ? opened : fail(refusal(opened.error.code, 'IV.C.6.a', opened.error.sentence));
  }

  /** Numbers of the records that preserved reads for a case, oldest first. */
  function preservedBy(caseNo: string): number[] {
    const sequences: number[] = [];
    ledger.replay(1, ({ seq, action, decision, effect }) => {
      const kept = action === 'hold.open' || action === 'hit.close';
      if (kept && decision === 'allow' && (effect as { caseNo?: string } | undefined)?.caseNo === caseNo)
        sequences.push(seq);
      return true;
    });
    return sequences;
  }

  async function ledgerPart(sequences: readonly number[]) {
    await ledger.checkpoint();
    const checkpoint = ledger.latestCheckpoint;
    if (checkpoint === null || checkpoint.size < (sequences.at(-1) ?? 0)) return null;
    const records = proveInclusion(ledger.folder, checkpoint.size, sequences);
    return { records, checkpoint: JSON.stringify(checkpoint), publicPem: ledger.publicPem };
  }

  return {
    async release(principal, given) {
      const action = 'disclosure.release';
      const rule = governance.policy.commands[action];
      const may = rule && governance.authorise(principal, rule);
      if (may && !may.ok) return governance.turnDown(action, principal, may.error);
      const parsed = releaseInput.safeParse(given);
      if (!parsed.success) {
        const sentence = parsed.error.issues[0]?.message ?? 'not valid';
        return governance.turnDown(action, principal, refusal('INPUT_INVALID', 'IV.D.3', sentence), given as Json);
      }
      const input = parsed.data;
      const receipt = await intent(principal, input.caseNo);
      if (!receipt.ok) return receipt;
      const reads = await evidenceOf(store, receipt.value, input.caseNo);
      const size = reads.reduce(
        (sum, { pictures }) => sum + (pictures?.vehicle?.length ?? 0) + (pictures?.plate?.length ?? 0),
        0,
      );
      const { caseNo, kind, recipient, secondaryRecipient, purpose, docketNo } = input;
      const madeAt = new Date(governance.nowMs()).toISOString();
      const content = packageContent({ caseNo, kind, recipient, secondaryRecipient, purpose, docketNo, madeAt }, reads);
      const { packageSha256 } = content;
      const tooLarge = size > limits.evidence.packageBytesMax;
      const released = tooLarge
        ? await governance.turnDown(
            action,
            principal,
            refusal('INPUT_INVALID', 'IV.D.3', 'the case is too large for one package'),
          )
        : await governance.execute({ action, input: { ...input, packageSha256 } }, principal);
      const count = released.ok ? reads.length : 0;
      const outcome = await ledger.outcome(receipt.value, {
        count,
        sha256: packageSha256,
        bytes: released.ok ? size : 0,
      });
      if (!released.ok) return released;
      if (!outcome.ok) return fail(refusal(outcome.error.code, 'IV.C.6.a', outcome.error.sentence));
      const { sequence } = released.value;
      const part = await ledgerPart([...preservedBy(caseNo), sequence, outcome.value.seq]);
      if (part === null)
        return fail(refusal('AUDIT_UNAVAILABLE', 'IV.C.6.a', 'the ledger could not be signed; try again'));
      const name = `disclosure-${sequence}.zip`;
      return ok({ name, zip: zipPackage(content.files, part), packageSha256, sequence });
    },
  };
}

/** What a case keeps, with its pictures where they are whole. */
async function evidenceOf(store: Store, receipt: Receipt, caseNo: string): Promise<EvidenceRead[]> {
  const rows = await store.held.reads(receipt, caseNo);
  const reads: EvidenceRead[] = [];
  for (const {
    kind: _kind,
    image: _image,
    dwellMs: _dwell,
    direction: _direction,
    listVersion: _list,
    ...read
  } of rows) {
    reads.push({ ...read, pictures: await store.held.pictures(receipt, caseNo, read.readId) });
  }
  return reads;
}
